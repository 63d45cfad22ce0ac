/** @file The texts of a tokenizer's tokens as they stand in the midst of others, for whoever looks for a text among tokens. */
import { breather } from '@webformers/hub'
import { packTexts, type TokenTexts } from '@webformers/runtime'
import type { PreTrainedTokenizer } from '@webformers/tokenizers'

const known = new WeakMap<PreTrainedTokenizer, { size: number; texts: Promise<TokenTexts> }>()

/** What stands before a token, so that it is not the first of a text. */
const BEFORE = 'abcdef'

/** Like what `StopStringCriteria` makes of a tokenizer; made once for each, in between what else the page does. */
export function tokenTexts(tokenizer: PreTrainedTokenizer): Promise<TokenTexts> {
  const size = tokenizer.length
  const before = known.get(tokenizer)
  if (before?.size === size) return before.texts
  const texts = make(tokenizer)
  known.set(tokenizer, { size, texts })
  return texts
}

async function make(tokenizer: PreTrainedTokenizer): Promise<TokenTexts> {
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
