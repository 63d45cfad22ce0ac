/** @file An Oniguruma expression in JavaScript's dialect, for the `v` flag. */
import { caseSet, ignoringCase } from './case-folding'
import { type Expression, type GroupName, literal, type Node, PatternError } from './syntax'

interface Context {
  /** Nothing is matched after this, so that nothing can lead back into it. */
  last: boolean
  lookBehind: boolean
}

/** @throws {PatternError} when JavaScript has no equal for a part. */
export function emit(expression: Expression): { source: string; sticky: boolean } {
  const { root, sticky } = withoutStart(expression.root)
  const emitter = new Emitter(expression)
  return { source: emitter.emit(root, { last: true, lookBehind: false }), sticky }
}

/** `\G` before everything else is a flag of its own, the sticky one. */
function withoutStart(root: Node): { root: Node; sticky: boolean } {
  const rest = (node: Node): Node | undefined => {
    if (node.type === 'start') return { type: 'sequence', items: [] }
    if (node.type !== 'sequence' || node.items[0]?.type !== 'start') return undefined
    return { type: 'sequence', items: node.items.slice(1) }
  }
  const items = (root.type === 'alternatives' ? root.items : [root]).map(rest)
  if (items.includes(undefined)) return { root, sticky: false }
  return { root: { type: 'alternatives', items: items as Node[] }, sticky: true }
}

class Emitter {
  /** JavaScript's number of each group that is referred to. */
  private readonly numbers = new Map<number, number>()
  private readonly referred: ReadonlySet<number>
  /** Groups that have certainly matched where we are: JavaScript takes a reference to any other for an empty one. */
  private matched: ReadonlySet<number> = new Set()
  private readonly open: number[] = []
  private count = 0

  constructor(private readonly expression: Expression) {
    const referred = new Set<number>()
    const collect = (node: Node): void => {
      if (node.type === 'reference') for (const group of this.resolve(node.to)) referred.add(group)
      if ('items' in node) node.items.forEach(collect)
      if ('body' in node) collect(node.body)
    }
    collect(expression.root)
    this.referred = referred
  }

  emit(node: Node, context: Context): string {
    switch (node.type) {
      case 'set':
        return this.set(node.set, node.strings, context)
      case 'character':
        return node.ignoreCase ? ignoringCase([node.character], context.lookBehind) : literal(node.character)
      case 'sequence':
        return this.sequence(node.items, context)
      case 'alternatives':
        return `(?:${this.alternatives(node.items, context)})`
      case 'capture':
        return this.capture(node.group, node.body, context)
      case 'atomic':
        return context.last && !context.lookBehind
          ? `(?:${this.emit(node.body, context)})`
          : this.atomic(context, () => this.emit(node.body, { ...context, last: true }))
      case 'repeat':
        return this.repeat(node, context)
      case 'look':
        return this.look(node, context)
      case 'reference':
        return this.reference(node.to, node.ignoreCase, context)
      case 'call':
        return this.call(node.to, context)
      case 'start':
        throw new PatternError('has \\G behind something else, which JavaScript has no equal for')
      case 'assertion':
        return node.source
    }
  }

  private set(set: string, strings: readonly string[], context: Context): string {
    if (strings.length === 0 || context.lookBehind) return set
    return `(?:${set}|${strings.map((string) => [...string].map(caseSet).join('')).join('|')})`
  }

  private sequence(items: readonly Node[], context: Context): string {
    let result = ''
    // In a look-behind JavaScript matches backwards, so that what is written first comes last.
    for (let i = 0; i < items.length; ) {
      const run: string[] = []
      for (
        let next = items[i + run.length];
        next?.type === 'character' && next.ignoreCase;
        next = items[i + run.length]
      )
        run.push(next.character)
      if (run.length > 0) {
        result += ignoringCase(run, context.lookBehind)
        i += run.length
        continue
      }
      result += this.emit(items[i]!, { ...context, last: context.last && i === items.length - 1 })
      i++
    }
    return result
  }

  private alternatives(items: readonly Node[], context: Context): string {
    const before = this.matched
    let common: ReadonlySet<number> | undefined
    const sources = items.map((item) => {
      this.matched = before
      const source = this.emit(item, context)
      const after = this.matched
      common = common === undefined ? after : new Set([...common].filter((group) => after.has(group)))
      return source
    })
    this.matched = common ?? before
    return sources.join('|')
  }

  private capture(group: number, body: Node, context: Context): string {
    this.open.push(group)
    const referred = this.referred.has(group)
    if (referred) this.numbers.set(group, ++this.count)
    const source = this.emit(body, context)
    this.open.pop()
    if (!referred) return `(?:${source})`
    this.matched = new Set([...this.matched, group])
    return `(${source})`
  }

  /** What is matched once is matched for good: a look-ahead does not go back, and what it saw is taken by a reference. */
  private atomic({ lookBehind }: Context, body: () => string): string {
    if (lookBehind)
      throw new PatternError('has an atomic group in a look-behind, which JavaScript has no equal for')
    const number = ++this.count
    return `(?:(?=(${body()}))\\${number})`
  }

  private repeat(node: Extract<Node, { type: 'repeat' }>, context: Context): string {
    const { body, min, max, mode } = node
    const quantifier = quantifierOf(min, max)
    const repeated = () => {
      const before = this.matched
      const single = body.type === 'set' && body.strings.length === 0
      const source = this.emit(body, { ...context, last: false })
      if (min === 0) this.matched = before
      return `${single ? source : `(?:${source})`}${quantifier}`
    }
    if (mode === 'lazy') return `${repeated()}?`
    if (mode === 'greedy' || (context.last && !context.lookBehind)) return repeated()
    if (body.type === 'set' && body.strings.length === 0 && !context.lookBehind) {
      // A run of one set's characters is possessive if none follows it: cheaper than a group.
      if (max === Number.POSITIVE_INFINITY) return `${repeated()}(?!${body.set})`
      if (max === 1 && min === 0) return `(?:${body.set}|(?!${body.set}))`
    }
    return this.atomic(context, repeated)
  }

  private look({ ahead, negative, body }: Extract<Node, { type: 'look' }>, context: Context): string {
    const before = this.matched
    const source = this.emit(body, { last: true, lookBehind: !ahead || context.lookBehind })
    if (negative) this.matched = before
    return `(?${ahead ? '' : '<'}${negative ? '!' : '='}${source})`
  }

  private reference(to: GroupName, ignoreCase: boolean, context: Context): string {
    const [group, ...others] = this.resolve(to)
    if (others.length > 0)
      throw new PatternError(`refers to ${to}, the name of several groups, which JavaScript cannot`)
    if (ignoreCase) throw new PatternError(`refers to group ${to} in any case, which JavaScript cannot`)
    if (context.lookBehind)
      throw new PatternError(`refers to group ${to} in a look-behind, which JavaScript cannot`)
    if (!this.matched.has(group!)) {
      throw new PatternError(
        `refers to group ${to} where it need not have matched, which JavaScript takes for an empty match`,
      )
    }
    return `(?:\\${this.numbers.get(group!)})`
  }

  private call(to: GroupName, context: Context): string {
    const [group, ...others] = to === 0 ? [0] : this.resolve(to)
    if (group === 0 || this.open.includes(group!))
      throw new PatternError(`calls group ${to} from within, a recursion, which JavaScript has no equal for`)
    if (others.length > 0 || this.referred.has(group!))
      throw new PatternError(`calls group ${to}, which is referred to as well; write the group out`)
    return this.capture(group!, this.expression.groups[group! - 1]!, context)
  }

  private resolve(to: GroupName): readonly number[] {
    const groups =
      typeof to === 'string'
        ? this.expression.names.get(to)
        : to <= this.expression.groups.length && to > 0
          ? [to]
          : undefined
    if (groups === undefined) throw new PatternError(`refers to the group ${to}, which there is not`)
    return groups
  }
}

function quantifierOf(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`
  return min === 0 && max === 1 ? '?' : min === max ? `{${min}}` : `{${min},${max}}`
}
