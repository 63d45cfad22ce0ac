/** @file The known path that an unknown one was most likely meant to be. */

/** The path that has most parts in common, counted from the end.
 * @example nearestPath('encoder.layer.0.attention.query', paths) // 'encoder.layer.0.attention.self.query' */
export function nearestPath(path: string, known: Iterable<string>): string | undefined {
  const wanted = path.split('.').reverse()
  const common = (other: string) => {
    const parts = other.split('.').reverse()
    return wanted.filter((part, i) => parts[i] === part).length
  }
  return [...known].sort((a, b) => common(b) - common(a))[0]
}
