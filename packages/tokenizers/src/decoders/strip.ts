/** @file Strip: a character off the ends of every token. */

export interface StripConfig {
  type: 'Strip'
  /** One character. */
  content: string
  /** At most this many off the front. */
  start: number
  /** At most this many off the back. */
  stop: number
}

export const strip =
  ({ content, start, stop }: StripConfig) =>
  (tokens: readonly string[]): string[] =>
    tokens.map((token) => {
      const characters = [...token]
      let from = 0
      while (from < start && characters[from] === content) from++
      let to = characters.length
      while (characters.length - to < stop && to > from && characters[to - 1] === content) to--
      return characters.slice(from, to).join('')
    })
