/** @file Patterns of paths as Python's `fnmatch` reads them, where `*` passes over slashes. */

/** Whether one of the patterns matches the whole path. One that ends in a slash means all below that folder. */
export const matchPatterns = (path: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => expressionOf(pattern.endsWith('/') ? `${pattern}*` : pattern).test(path))

function expressionOf(pattern: string): RegExp {
  const parts = pattern.match(/\[!?\]?[^\]]*\]|[\s\S]/g) ?? []
  const source = parts.map((part) => {
    if (part === '*') return '[^]*'
    if (part === '?') return '[^]'
    if (part.length === 1) return part.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&')
    const inside = part.slice(1, -1).replaceAll('\\', '\\\\').replaceAll(']', '\\]').replaceAll('[', '\\[')
    return inside.startsWith('!') ? `[^${inside.slice(1)}]` : `[${inside.replace(/^\^/, '\\^')}]`
  })
  return new RegExp(`^${source.join('')}$`)
}
