/** @file The texts of a tokenizer's tokens as they stand in the midst of others, for whoever looks for a text among tokens or makes one
 * of them. */
import { breather } from '@webformers/hub'
import { packBytes, packTexts, type TokenBytes, type TokenTexts } from '@webformers/runtime'
import type { PreTrainedTokenizer } from '@webformers/tokenizers'

/** What is made of a tokenizer once, until it gets more tokens. */
interface Made {
  readonly size: number
  /** A number of its own. */
  readonly id: number
  readonly texts: Promise<TokenTexts>
  bytes?: Promise<TokenBytes>
}
const known = new WeakMap<PreTrainedTokenizer, Made>()
let count = 0

/** What stands before a token, so that it is not the first of a text. */
const BEFORE = 'abcdef'

function madeOf(tokenizer: PreTrainedTokenizer): Made {
  const size = tokenizer.length
  const before = known.get(tokenizer)
  if (before?.size === size) return before
  count += 1
  const made: Made = { size, id: count, texts: makeTexts(tokenizer) }
  known.set(tokenizer, made)
  return made
}

/** Like what `StopStringCriteria` makes of a tokenizer; made once for each, in between what else the page does. */
export const tokenTexts = (tokenizer: PreTrainedTokenizer): Promise<TokenTexts> => madeOf(tokenizer).texts

/** The same as bytes, of which a token may have less than a character; special tokens have none. */
export async function tokenBytes(
  tokenizer: PreTrainedTokenizer,
): Promise<{ id: number; tokens: TokenBytes }> {
  const made = madeOf(tokenizer)
  made.bytes ??= made.texts.then((texts) => makeBytes(tokenizer, texts))
  return { id: made.id, tokens: await made.bytes }
}

async function makeTexts(tokenizer: PreTrainedTokenizer): Promise<TokenTexts> {
  const breathe = breather()
  const prefix = tokenizer.tokenize(BEFORE)
  const texts: string[] = []
  for (const [token, id] of tokenizer.getVocab()) {
    const text = tokenizer.convertTokensToString([...prefix, token])
    texts[id] = text.slice(text.indexOf(BEFORE) + BEFORE.length)
    await breathe()
  }
  return packTexts(texts)
}

async function makeBytes(tokenizer: PreTrainedTokenizer, { text, ends }: TokenTexts): Promise<TokenBytes> {
  const breathe = breather()
  const encoder = new TextEncoder()
  const special = new Set(tokenizer.addedTokens.flatMap(([id, token]) => (token.special ? [id] : [])))
  for (const id of tokenizer.allSpecialIds) special.add(id)
  const tokens: (Uint8Array | undefined)[] = []
  for (const [token, id] of tokenizer.getVocab()) {
    if (special.has(id)) continue
    const own = text.slice(ends[id - 1] ?? 0, ends[id])
    tokens[id] = own.includes('\ufffd') ? partialBytes(token) : undefined
    tokens[id] ??= encoder.encode(own)
    await breathe()
  }
  return packBytes(Array.from(ends, (_, id) => tokens[id]))
}

/** The letters of byte-level tokens: what can be seen stands for itself, the other bytes for letters from U+0100 on. */
const LETTERS = new Map<string, number>()
for (let byte = 0, others = 0; byte < 256; byte++) {
  const own = String.fromCharCode(byte)
  LETTERS.set(/[!-~\u00a1-\u00ac\u00ae-\u00ff]/.test(own) ? own : String.fromCharCode(256 + others++), byte)
}

/** The bytes of a token that is no text by itself: `<0xE2>`, or one of byte-level letters. */
function partialBytes(token: string): Uint8Array | undefined {
  const digits = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1]
  if (digits !== undefined) return Uint8Array.of(Number.parseInt(digits, 16))
  const bytes = Array.from(token, (letter) => LETTERS.get(letter))
  return bytes.every((byte) => byte !== undefined) ? Uint8Array.from(bytes) : undefined
}
