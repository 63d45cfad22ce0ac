/** @file What Donut writes, as JSON: values between `<s_name>` and `</s_name>`, in each other, or several with `<sep/>` between. */

/** A value that Donut writes: a text, named values, or a list of those. */
export type DonutValue = string | { [name: string]: DonutValue } | DonutValue[]

type Names = { [name: string]: DonutValue }

const BETWEEN = '<sep/>'

/** Like `DonutProcessor.token2json` in Python.
 * @param known the tokens that were added, of which some stand for values: `<invoice/>` */
export function token2json(text: string, known: ReadonlySet<string>): DonutValue {
  const { names, following, rest } = parse(text, known)
  if (following) return [names, ...following]
  return Object.keys(names).length > 0 ? names : { text_sequence: rest }
}

interface Parsed {
  readonly names: Names
  /** What stands behind a mark between values. */
  readonly following?: DonutValue[]
  /** What has no names. */
  readonly rest: string
}

function parse(text: string, known: ReadonlySet<string>): Parsed {
  const names: Names = {}
  let rest = text
  while (rest !== '') {
    const begin = rest.match(/<s_[^>]*>/i)?.[0]
    if (begin === undefined) break
    const name = begin.slice('<s_'.length, -1)
    const end = rest.match(new RegExp(`</s_${escaped(name)}>`, 'i'))?.[0]
    if (end === undefined) {
      rest = rest.replaceAll(begin, '')
      continue
    }
    const within = rest.match(new RegExp(`${escaped(begin)}(.*?)${escaped(end)}`, 'is'))?.[1]
    const value = within === undefined ? undefined : valueIn(within.trim(), known)
    if (value !== undefined) names[name] = value
    rest = rest.slice(rest.indexOf(end) + end.length).trim()
    if (rest.startsWith(BETWEEN)) return { names, following: listOf(rest.slice(BETWEEN.length), known), rest }
  }
  return { names, rest }
}

/** Values one after another. */
function listOf(text: string, known: ReadonlySet<string>): DonutValue[] {
  const { names, following } = parse(text, known)
  if (following) return [names, ...following]
  return Object.keys(names).length > 0 ? [names] : []
}

function valueIn(text: string, known: ReadonlySet<string>): DonutValue | undefined {
  if (text.includes('<s_') && text.includes('</s_')) return single(listOf(text, known))
  const leaves = text.split(BETWEEN).map((leaf) => leaf.trim())
  return single(leaves.map((leaf) => (known.has(leaf) && /^<.*\/>$/s.test(leaf) ? leaf.slice(1, -2) : leaf)))
}

/** The only one of a list, or the list; nothing of an empty one. */
const single = (list: DonutValue[]): DonutValue | undefined => (list.length > 1 ? list : list[0])

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
