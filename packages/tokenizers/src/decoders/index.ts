/** @file `decoder` of a tokenizer.json → function: tokens back to the pieces of a text. */
import { byteOf } from '../models/byte-fallback'
import { type MetaspaceConfig, prependScheme } from '../pre-tokenizers/metaspace'
import { build } from '../registry'
import { decodeBytes } from '../text/bytes'
import { type Pattern, toRegExp } from '../text/pattern'
import { byteFallback } from './byte-fallback'
import { cleanUp } from './clean-up'

export { cleanUpTokenization } from './clean-up'

export type Decoder = (tokens: string[]) => string[]

export type DecoderConfig =
  | { type: 'WordPiece'; prefix: string; cleanup: boolean }
  | { type: 'ByteLevel' | 'ByteFallback' | 'Fuse' }
  | MetaspaceConfig
  | { type: 'BPEDecoder'; suffix: string }
  | { type: 'Strip'; content: string; start: number; stop: number }
  | { type: 'Replace'; pattern: Pattern; content: string }
  | { type: 'Sequence'; decoders: DecoderConfig[] }

/** @throws {TokenizerError} when the component is unknown or malformed. */
export function createDecoder(config: DecoderConfig): Decoder {
  return build<DecoderConfig, Decoder>('decoder', config, {
    WordPiece:
      ({ prefix, cleanup }) =>
      (tokens) =>
        tokens.map((token, i) => {
          const text = i === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`
          return cleanup ? cleanUp(text) : text
        }),
    ByteLevel: () => (tokens) => [decodeBytes(tokens)],
    ByteFallback: () => (tokens) => byteFallback(tokens, byteOf),
    Fuse: () => (tokens) => [tokens.join('')],
    Metaspace: (metaspace) => {
      const scheme = prependScheme(metaspace)
      return (tokens) =>
        tokens.map((token, i) =>
          token.replaceAll(metaspace.replacement, i === 0 && scheme !== 'never' ? '' : ' '),
        )
    },
    BPEDecoder:
      ({ suffix }) =>
      (tokens) =>
        tokens.map((token, i) => token.replaceAll(suffix, i === tokens.length - 1 ? '' : ' ')),
    Strip:
      ({ content, start, stop }) =>
      (tokens) =>
        tokens.map((token) => strip([...token], content, start, stop)),
    Replace: ({ pattern, content }) => {
      const expression = toRegExp(pattern)
      return (tokens) => tokens.map((token) => token.replace(expression, () => content))
    },
    Sequence: ({ decoders }) => {
      const all = decoders.map(createDecoder)
      return (tokens) => all.reduce((result, decode) => decode(result), tokens)
    },
  })
}

/** Up to `start` times `content` off the front and `stop` times off the back. */
function strip(characters: string[], content: string, start: number, stop: number): string {
  let from = 0
  while (from < start && characters[from] === content) from++
  let to = characters.length
  while (characters.length - to < stop && to > from && characters[to - 1] === content) to--
  return characters.slice(from, to).join('')
}
