/** @file The merges of byte-pair encoding, from a vocabulary whose scores are all that is known of them. */

export type Merge = readonly [left: string, right: string]

interface Candidate {
  merge: Merge
  /** The length of its first part, in code points. */
  left: number
  right: number
}

/**
 * Every pair of pieces that makes a piece, the piece with the highest score first; of pieces with one score the longest left
 * part first, then the longest right part.
 * @param parts which pieces a piece may be made of
 */
export function mergesByScore(
  parts: { has(piece: string): boolean },
  scores: ReadonlyMap<string, number>,
): Merge[] {
  const merges: Merge[] = []
  let equals: Candidate[] = []
  let last: number | undefined
  const flush = () => {
    equals.sort((a, b) => b.left - a.left || b.right - a.right)
    for (const { merge } of equals) merges.push(merge)
    equals = []
  }
  for (const [piece, score] of [...scores].sort(([, a], [, b]) => b - a)) {
    if (score !== last) flush()
    last = score
    const length = lengthOf(piece)
    for (let at = 0, left = 1; left < length; left++) {
      at += piece.codePointAt(at)! > 0xffff ? 2 : 1
      const merge: Merge = [piece.slice(0, at), piece.slice(at)]
      if (parts.has(merge[0]) && parts.has(merge[1])) equals.push({ merge, left, right: length - left })
    }
  }
  flush()
  return merges
}

/** In code points, as Python counts. */
function lengthOf(text: string): number {
  let length = 0
  for (let at = 0; at < text.length; length++) at += text.codePointAt(at)! > 0xffff ? 2 : 1
  return length
}
