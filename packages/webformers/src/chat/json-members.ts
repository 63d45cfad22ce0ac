/** @file JSON that is still being written: where its members stand, as far as they are there. */

/** Where a value stands; it has no end while it is being written. */
export interface Member {
  readonly start: number
  readonly end?: number
}

export interface PartialObject {
  readonly members: ReadonlyMap<string, Member>
  /** Behind its closing brace, once there is one. */
  readonly end?: number
}

const skip = (text: string, at: number, what: RegExp) => {
  what.lastIndex = at
  return what.exec(text) ? what.lastIndex : at
}
const separators = /[\s,]*/y
const colon = /\s*:\s*/y

/**
 * The members of an object.
 * @param start where its opening brace is
 * @example
 * partialObject('{"a": 1, "b": "wor', 0).members // Map { 'a' => { start: 6, end: 7 }, 'b' => { start: 14 } }
 */
export function partialObject(text: string, start: number): PartialObject {
  const members = new Map<string, Member>()
  let at = start + 1
  for (;;) {
    at = skip(text, at, separators)
    if (text[at] === '}') return { members, end: at + 1 }
    const key = text[at] === '"' ? valueEnd(text, at) : undefined
    if (key === undefined) return { members }
    const value = skip(text, key, colon)
    if (value === key || value === text.length) return { members }
    const name = parsed(text.slice(at, key))
    const end = valueEnd(text, value)
    if (typeof name !== 'string') return { members }
    members.set(name, { start: value, ...(end !== undefined && { end }) })
    if (end === undefined) return { members }
    at = end
  }
}

/** The value of a member that is whole. */
export const memberValue = (text: string, { start, end }: Member): unknown =>
  end === undefined ? undefined : parsed(text.slice(start, end))

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const strings = /"(?:[^"\\]|\\.)*"/sy
const marks = /"(?:[^"\\]|\\.)*"|[{}[\]"]/gs
const others = /[^\s,{}[\]":]+/y

function valueEnd(text: string, start: number): number | undefined {
  const first = text[start]
  if (first === '"') {
    strings.lastIndex = start
    return strings.exec(text) ? strings.lastIndex : undefined
  }
  if (first !== '{' && first !== '[') {
    const end = skip(text, start, others)
    // A number may go on.
    return end === start || end === text.length ? undefined : end
  }
  let depth = 0
  marks.lastIndex = start
  for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
    if (mark[0] === '"') return undefined
    if (mark[0].length > 1) continue
    depth += mark[0] === '{' || mark[0] === '[' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
  return undefined
}
