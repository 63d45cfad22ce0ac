/** @file `decoder` of a tokenizer.json → function: tokens back to the pieces of a text. */
import { character, count, flag, list, optional, pattern, text } from '../fields'
import type { ByteLevelConfig } from '../pre-tokenizers/byte-level'
import { type MetaspaceConfig, metaspaceFields, prependScheme } from '../pre-tokenizers/metaspace'
import { build, checked } from '../registry'
import { decodeBytes } from '../text/bytes'
import { byteFallback } from './byte-fallback'
import { type CtcConfig, ctc } from './ctc'
import { type ReplaceConfig, replace, replaceAll } from './replace'
import { type StripConfig, strip } from './strip'
import { type WordPieceDecoderConfig, wordPiece } from './word-piece'

export { cleanUpTokenization } from './clean-up'
export { DecodeStream } from './decode-stream'

export type Decoder = (tokens: string[]) => string[]

export type DecoderConfig =
  | BpeDecoderConfig
  | { type: 'ByteFallback' | 'Fuse' }
  | ByteLevelConfig
  | CtcConfig
  | MetaspaceConfig
  | ReplaceConfig
  | SequenceConfig
  | StripConfig
  | WordPieceDecoderConfig

interface BpeDecoderConfig {
  type: 'BPEDecoder'
  suffix: string
}

interface SequenceConfig {
  type: 'Sequence'
  decoders: DecoderConfig[]
}

/** @throws {TokenizerError} when the component is unknown or malformed. */
export function createDecoder(config: DecoderConfig): Decoder {
  return build<DecoderConfig, Decoder>('decoder', config, {
    BPEDecoder: checked(
      { suffix: text },
      ({ suffix }: BpeDecoderConfig) =>
        (tokens) =>
          tokens.map((token, i) => replaceAll(token, suffix, i === tokens.length - 1 ? '' : ' ')),
    ),
    ByteFallback: () => byteFallback,
    ByteLevel: checked(
      { add_prefix_space: flag, trim_offsets: flag, use_regex: optional(flag) },
      () => (tokens) => [decodeBytes(tokens)],
    ),
    CTC: checked({ pad_token: text, word_delimiter_token: text, cleanup: flag }, ctc),
    Fuse: () => (tokens) => [tokens.join('')],
    Metaspace: checked(metaspaceFields, (metaspace: MetaspaceConfig) => {
      const scheme = prependScheme(metaspace)
      return (tokens) =>
        tokens.map((token, i) =>
          token.replaceAll(metaspace.replacement, i === 0 && scheme !== 'never' ? '' : ' '),
        )
    }),
    Replace: checked({ pattern, content: text }, replace),
    Sequence: checked({ decoders: list }, ({ decoders }: SequenceConfig) => {
      const all = decoders.map(createDecoder)
      return (tokens) => all.reduce((result, decode) => decode(result), tokens)
    }),
    Strip: checked({ content: character, start: count, stop: count }, strip),
    WordPiece: checked({ prefix: text, cleanup: flag }, wordPiece),
  })
}
