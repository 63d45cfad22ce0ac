/** @file The text of tokens that come one at a time, as a model generates them, in pieces that are final. */
import { byteOf } from './byte-fallback'
import { CleanUpStream } from './clean-up-stream'

/** What a stream asks of its tokenizer. */
export interface StreamSource {
  /** The text of tokens, all of which have one. */
  join(tokens: string[]): string
  /** An id's token; undefined for an id that says nothing, such as a special token's that is to be skipped. */
  tokenOf(id: number): string | undefined
}

const REPLACEMENT = '\ufffd'
/** Longer than this, what waits is looked at from its end first, so that many broken characters take linear time. */
const LONG = 16
const TAIL = 8

/**
 * Text as it becomes certain. Like `tokenizers.decoders.DecodeStream` in Python, and piece by piece equal to it, but
 * where that raises an error, because a token changed text already given, this goes on with the new tokens' own.
 * @example
 * const stream = tokenizer.decodeStream({ skipSpecialTokens: true })
 * for (const id of ids) output.textContent += stream.step(id) ?? ''
 * output.textContent += stream.flush()
 */
export class DecodeStream {
  /** Tokens whose text was given last, then those that wait. */
  private tokens: string[] = []
  /** The text of the first `given` tokens. */
  private prefix = ''
  private given = 0
  /** The text of all tokens; undefined where it is known only to end in a broken character. */
  private text: string | undefined = ''
  /** What waits is a run of bytes with a broken character in it, and will be none before the run ends. */
  private broken = false
  private readonly cleanUp: CleanUpStream | undefined

  /** @internal */
  constructor(
    private readonly source: StreamSource,
    cleanUpTokenizationSpaces: boolean,
  ) {
    this.cleanUp = cleanUpTokenizationSpaces ? new CleanUpStream() : undefined
  }

  /** The text that `id` makes certain, if any: never half a character. */
  step(id: number): string | undefined {
    const token = this.source.tokenOf(id)
    const text = token === undefined ? undefined : this.push(token)
    if (text === undefined || this.cleanUp === undefined) return text
    return this.cleanUp.push(text) || undefined
  }

  /** The rest, when no more tokens come; bytes that are no character are U+FFFD. The stream then begins anew. */
  flush(): string {
    const text = this.unseen(this.text ?? this.source.join([...this.tokens]))
    this.tokens = []
    this.prefix = ''
    this.given = 0
    this.text = ''
    this.broken = false
    return this.cleanUp === undefined ? text : this.cleanUp.push(text) + this.cleanUp.flush()
  }

  private push(token: string): string | undefined {
    if (this.prefix === '' && this.text !== undefined && !this.text.endsWith(REPLACEMENT)) {
      this.prefix = this.text
      this.given = this.tokens.length
    }
    this.tokens.push(token)
    this.text = this.certainText(token)
    if (this.text === undefined || this.text.endsWith(REPLACEMENT) || this.text.length <= this.prefix.length)
      return undefined
    const result = this.unseen(this.text)
    const waited = this.tokens.length - this.given
    this.tokens = this.tokens.slice(this.given)
    this.given = waited
    this.prefix = this.source.join([...this.tokens])
    this.text = this.prefix
    return result
  }

  /** The text of all tokens, if it does not certainly end in a broken character. */
  private certainText(token: string): string | undefined {
    if (this.broken && byteOf(token) !== undefined) return undefined
    const long = this.tokens.length - this.given > LONG
    if (long && this.source.join(this.tokens.slice(-TAIL)).endsWith(REPLACEMENT)) return undefined
    const text = this.source.join([...this.tokens])
    this.broken = long && text.endsWith(REPLACEMENT)
    return text
  }

  /** What of `text` was not given yet. */
  private unseen(text: string): string {
    if (text.startsWith(this.prefix)) return text.slice(this.prefix.length)
    return this.source.join(this.tokens.slice(this.given))
  }
}
