/** @file HDF5's B-trees of the first version: they hold a group's nodes of symbols, and a dataset's chunks. */
import type { Fields, Pages } from './fields'

export interface Child {
  /** Its place in the file. */
  readonly address: number
  /** What the tree sorts it by. */
  readonly key: Fields
}

const KINDS = ['group', 'dataset'] as const

/** The children of a B-tree's leaves. What is met twice, here or before (`seen`), is an error. */
export async function* btreeChildren(
  pages: Pages,
  root: number,
  { kind, keySize, seen }: { kind: 0 | 1; keySize: number; seen: Set<number> },
): AsyncGenerator<Child> {
  const nodes: { address: number; level?: number }[] = [{ address: root }]
  const meet = (address: number) => {
    if (seen.has(address)) throw pages.corrupt(`two B-trees, or one twice, lead to byte ${address}`)
    seen.add(address)
  }
  for (let node = nodes.pop(); node; node = nodes.pop()) {
    const { address } = node
    meet(address)
    const what = `a B-tree node of a ${KINDS[kind]}`
    const head = await pages.fields(address, 8 + 2 * pages.addressSize, what)
    head.expect('TREE')
    const found = head.u8()
    if (found !== kind)
      throw pages.corrupt(`${what} at byte ${address} is of kind ${found}, expected ${kind}`)
    const level = head.u8()
    if (level !== (node.level ?? level))
      throw pages.corrupt(`${what} at byte ${address} has level ${level}, expected ${node.level}`)
    const count = head.u16()
    const entries = await pages.fields(
      address + 8 + 2 * pages.addressSize,
      count * (keySize + pages.addressSize),
      what,
    )
    const below: typeof nodes = []
    for (let i = 0; i < count; i++) {
      const key = entries.part(keySize, what)
      const child = entries.place()
      if (level === 0) {
        meet(child)
        yield { address: child, key }
      } else below.push({ address: child, level: level - 1 })
    }
    nodes.push(...below.reverse())
  }
}
