/** @file `cleanUpTokenizationSpaces` for text that comes in pieces. */
import { cleanUpTokenization } from './clean-up'

/** What can still become a contraction, or lose its space, by what follows: ` n ' t`, ` ' ve`. */
const OPEN = " 'nvr"
/** So many of these in a row are no contraction any more. */
const LONGEST = 64

/** Cleans text, and keeps its end back as long as the next piece may change it. */
export class CleanUpStream {
  private text = ''

  push(text: string): string {
    this.text += text
    const end = this.boundary()
    const ready = this.text.slice(0, end)
    this.text = this.text.slice(end)
    return cleanUpTokenization(ready)
  }

  flush(): string {
    const rest = cleanUpTokenization(this.text)
    this.text = ''
    return rest
  }

  /** Where the first space stands that what follows may draw in. */
  private boundary(): number {
    const { text } = this
    let end = text.length
    for (let i = text.length - 1; i >= 0 && text.length - i < LONGEST && OPEN.includes(text[i]!); i--) {
      if (text[i] === ' ') end = i
    }
    return end
  }
}
