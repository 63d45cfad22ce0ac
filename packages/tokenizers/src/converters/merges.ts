/** @file The merges of byte-pair encoding, from a vocabulary whose order or scores are all that is known of them. */

export type Merge = readonly [left: string, right: string]

/**
 * Every pair of pieces that makes a piece, the best piece first; of one piece the longest left part first.
 * @param pieces which parts a piece may have
 * @param scores the pieces, the highest score merged first
 */
export function mergesByScore(
  pieces: { has(piece: string): boolean },
  scores: ReadonlyMap<string, number>,
): Merge[] {
  const found: { merge: Merge; score: number; left: number; right: number }[] = []
  for (const [piece, score] of scores) {
    const length = lengthOf(piece)
    for (let at = 0, left = 0; ; ) {
      at += piece.codePointAt(at)! > 0xffff ? 2 : 1
      left++
      if (at >= piece.length) break
      const merge: Merge = [piece.slice(0, at), piece.slice(at)]
      if (pieces.has(merge[0]) && pieces.has(merge[1]))
        found.push({ merge, score, left, right: length - left })
    }
  }
  found.sort((a, b) => b.score - a.score || b.left - a.left || b.right - a.right)
  return found.map(({ merge }) => merge)
}

/** In code points, as Python counts. */
function lengthOf(text: string): number {
  let length = 0
  for (let at = 0; at < text.length; length++) at += text.codePointAt(at)! > 0xffff ? 2 : 1
  return length
}
