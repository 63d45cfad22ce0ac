/** @file `fill-mask`: what stands behind a text's mask token. */
import type { PreTrainedTokenizer } from '@webformers/tokenizers'
import { OptionError } from '../errors'
import { encode } from './encode'
import { largest, softmax } from './math'
import { defineTask, type TruncationOptions, tokenRows } from './task'

export interface FillMaskOptions extends TruncationOptions {
  /** How many candidates, best first. Default: 5. */
  topK?: number
  /** Choose among these words only. One that is no token of the model counts as the first token it is made of. */
  targets?: string | readonly string[]
}

/** A token for the mask, its string, its probability, and the text with it in place. */
export interface MaskFilling {
  score: number
  token: number
  token_str: string
  sequence: string
}

/** A list of candidates for a text with one mask; a list of such lists for a text with several. */
export interface FillMask {
  input: string
  options: FillMaskOptions
  one: MaskFilling[] | MaskFilling[][]
  many: (MaskFilling[] | MaskFilling[][])[]
}

export const fillMask = defineTask({
  head: 'ForMaskedLM',
  outputs: ['logits'],
  standard: { source: 'distilbert/distilroberta-base', revision: 'fb53ab8' },
  settle({ topK = 5, targets, truncation, maxLength }: FillMaskOptions, { tokenizer }) {
    const { maskTokenId: mask } = tokenizer
    if (mask === undefined) {
      throw new OptionError(
        "This model's tokenizer has no mask token. fill-mask needs a masked language model.",
      )
    }
    const candidates = targets === undefined ? undefined : targetIds(targets, tokenizer)
    return { mask, topK, candidates, cut: { truncation, maxLength } }
  },
  async prepare(text: string, { mask, cut }, context) {
    const rows = await encode(context, text, cut)
    if (!rows.some(({ ids }) => ids.includes(mask))) {
      throw new OptionError(
        `No mask token found. Put ${context.tokenizer.maskToken} where a word is wanted in: ${text}`,
      )
    }
    return rows
  },
  answer([first], { mask, topK, candidates }, { tokenizer }) {
    const { ids } = first!.row
    const masks = ids.flatMap((id, position) => (id === mask ? [position] : []))
    const logits = tokenRows(first!, first!.outputs.logits!)
    const filled = masks.map((position) =>
      likeliestTokens(softmax(logits[position]!), topK, candidates).map(({ score, token }): MaskFilling => {
        const shown = ids.with(position, token).filter((id) => id !== tokenizer.padTokenId)
        // Skipping special tokens would take the other masks out of the text too.
        const sequence = tokenizer.decode(shown, { skipSpecialTokens: masks.length === 1 })
        return { score, token, token_str: tokenizer.decode([token]), sequence }
      }),
    )
    return filled.length === 1 ? filled[0]! : filled
  },
})

/** The `count` likeliest tokens, of all or of some. */
export function likeliestTokens(
  probabilities: readonly number[],
  count: number,
  candidates?: readonly number[],
): { score: number; token: number }[] {
  const scores = candidates?.map((token) => probabilities[token]!) ?? probabilities
  return largest(scores, count).map((i) => ({ score: scores[i]!, token: candidates?.[i] ?? i }))
}

function targetIds(targets: string | readonly string[], tokenizer: PreTrainedTokenizer): number[] {
  const ids = (typeof targets === 'string' ? [targets] : targets).flatMap((target) => {
    const known = tokenizer.convertTokensToIds(target)
    if (known !== undefined && (known !== tokenizer.unkTokenId || target === tokenizer.unkToken))
      return [known]
    const [first] = tokenizer.encode(target, { addSpecialTokens: false })
    const instead =
      first === undefined ? 'it is left out' : `"${tokenizer.convertIdsToTokens(first)}" stands for it`
    console.warn(`webformers: the target "${target}" is no token of this model; ${instead}.`)
    return first === undefined ? [] : [first]
  })
  if (ids.length > 0) return [...new Set(ids)]
  throw new OptionError('None of the targets is made of tokens of this model. Give other words.')
}
