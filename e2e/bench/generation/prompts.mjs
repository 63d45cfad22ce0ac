/** @file Prompts of a known number of tokens, of which no two begin alike: a side that remembers one reads the next anew. */
import { readFile } from 'node:fs/promises'
import { Tokenizer } from '@huggingface/tokenizers'

const json = async (url) => JSON.parse(await readFile(url, 'utf8'))

/** @param folder a model's, with its tokenizer
 * @returns {Promise<(length: number, number: number) => { ids: number[], text: string }>} */
export async function promptsOf(folder) {
  const tokenizer = new Tokenizer(
    await json(`${folder}/tokenizer.json`),
    await json(`${folder}/tokenizer_config.json`),
  )
  const { sentences } = await json(new URL('../../real/sentences.json', import.meta.url))
  const english = sentences.filter(({ language }) => language === 'en').map(({ text }) => text)
  const encode = (text) => Array.from(tokenizer.encode(text, { add_special_tokens: false }).ids, Number)
  return (length, number) => {
    for (let skipped = 0; skipped < 8; skipped++) {
      const first = (7 * number + skipped) % english.length
      const words = [...english.slice(first), ...english, ...english].join(' ')
      const ids = encode(words).slice(0, length)
      const text = tokenizer.decode(ids)
      if (encode(text).length === length) return { ids, text }
    }
    throw new Error(`No text of ${length} tokens was found.`)
  }
}
