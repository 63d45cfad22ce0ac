/** @file The known name that an unknown one was most likely meant to be. */

/** How many letters have to be inserted, left out or replaced to make one word of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const replaced = row[j]! + (a[i] === b[j] ? 0 : 1)
      next.push(Math.min(replaced, row[j + 1]! + 1, next[j]! + 1))
    }
    row = next
  }
  return row[b.length]!
}

/** Case and underscores count for nothing: `learning_rate` is near `learningRate`. */
const plain = (name: string) => name.replaceAll('_', '').toLowerCase()

/** The nearest of the known names. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let [best, least] = [undefined as string | undefined, Number.POSITIVE_INFINITY]
  for (const candidate of known) {
    const [a, b] = [plain(name), plain(candidate)]
    // A word of a longer name is likely that name cut short.
    const apart = b.includes(a) ? (b.length - a.length) / 10 : distance(a, b)
    if (apart < least) [best, least] = [candidate, apart]
  }
  return best
}
