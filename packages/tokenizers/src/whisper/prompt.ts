/** @file Whisper's prompts: what was said before, so that names are spelled and punctuation is set alike. */
import { TokenizerError } from '../errors'
import type { PreTrainedTokenizer } from '../pretrained/pretrained-tokenizer'

/** The ids of a text that a transcript goes on from, as `promptIds` of Whisper's `generate` takes them. Like `get_prompt_ids` in Python.
 * @example
 * promptIds(tokenizer, 'Mr. Quilter') // [50361, 2221, 13, 2326, 388, 391]
 * @throws {TokenizerError} when the text has a special token in it.
 */
export function promptIds(tokenizer: PreTrainedTokenizer, text: string): number[] {
  const [begin] = tokenizer.encode('<|startofprev|>', { addSpecialTokens: false })
  const ids = tokenizer.encode(` ${text.trim()}`, { addSpecialTokens: false })
  const special = ids.find((id) => id >= tokenizer.allSpecialIds[0]!)
  if (special === undefined) return [begin!, ...ids]
  throw new TokenizerError(
    `The prompt has the special token ${tokenizer.convertIdsToTokens(special)} in it. Leave it out.`,
  )
}
