/** @file What every template can call, and the `loop` of its loops. */
import { TokenizerError } from '../errors'
import { strftime } from './strftime'
import { str } from './text'
import {
  bind,
  type Callable,
  equal,
  fail,
  integer,
  itemsOf,
  Namespace,
  string,
  Undefined,
  type Value,
} from './values'

/** As Python's sandbox has it. */
const LONGEST_RANGE = 100_000

function range({ positional }: { positional: readonly Value[] }): Value[] {
  const [first = 0, second, step = 1] = positional.map(integer)
  const [start, stop] = second === undefined ? [0, first] : [first, second]
  if (step === 0) fail('range() arg 3 must not be zero')
  const length = Math.max(Math.ceil((stop - start) / step), 0)
  if (length > LONGEST_RANGE) fail(`range too big: a template may have ranges of ${LONGEST_RANGE}`)
  return Array.from({ length }, (_, i) => start + i * step)
}

function entriesOf(sources: readonly Value[], named: ReadonlyMap<string, Value>): Map<string, Value> {
  const entries = new Map<string, Value>()
  for (const source of sources) {
    const pairs = source instanceof Map ? [...source] : itemsOf(source).map((pair) => itemsOf(pair))
    for (const [key = null, value = null] of pairs) entries.set(string(key), value)
  }
  for (const [key, value] of named) entries.set(key, value)
  return entries
}

export const GLOBALS = new Map<string, Value>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
  ['range', range],
  ['dict', ({ positional, named }) => new Map(entriesOf(positional, named))],
  ['namespace', ({ positional, named }) => new Namespace(entriesOf(positional, named))],
  [
    'raise_exception',
    (args) => {
      throw new TokenizerError(str(bind('raise_exception', args, ['message'])[0] ?? null))
    },
  ],
  ['strftime_now', (args) => strftime(new Date(), string(bind('strftime_now', args, ['format'])[0] ?? null))],
])

/** For each turn of a loop its `loop`. */
export function loopOver(items: readonly Value[]): (index: number) => Namespace {
  const { length } = items
  const none = (name: string) => new Undefined(`there is no ${name} item`)
  let last: Value[] | undefined
  const changed: Callable = ({ positional }) => {
    const same = last !== undefined && equal(last, positional)
    last = positional
    return !same
  }
  return (index) =>
    new Namespace(
      new Map<string, Value>([
        ['index', index + 1],
        ['index0', index],
        ['revindex', length - index],
        ['revindex0', length - index - 1],
        ['first', index === 0],
        ['last', index === length - 1],
        ['length', length],
        ['previtem', index > 0 ? items[index - 1]! : none('previous')],
        ['nextitem', index + 1 < length ? items[index + 1]! : none('next')],
        [
          'cycle',
          ({ positional }) =>
            positional.length === 0
              ? fail('no items for cycling given')
              : positional[index % positional.length]!,
        ],
        ['changed', changed],
      ]),
    )
}
