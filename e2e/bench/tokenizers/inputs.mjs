/** @file What is tokenized and with what. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { languages, prepareTexts } from '../../real/tokenizers-texts.mjs'

export { languages }

/**
 * By the names of their repositories. `open`: opening it is measured too, with our aim for a later visit where the file is
 * large; of a small one nothing is left to save.
 */
export const tokenizers = {
  bert: { title: 'BERT', open: {} },
  gpt2: { title: 'GPT-2' },
  llama3: { title: 'Llama 3', open: { aim: { ratio: 0.1 } } },
  qwen3: { title: 'Qwen 3', open: { aim: { ratio: 0.1 } } },
  gemma3: { title: 'Gemma 3', open: { aim: { ratio: 0.1 } } },
  t5: { title: 'T5 (trained here)' },
}

/**
 * Write what page and native process read: by language, texts to warm up with, as many to measure, and the rest.
 * @param {number} count
 * @returns the file
 */
export async function writeTexts(folder, count) {
  const texts = {}
  for (const [language, all] of Object.entries(await prepareTexts())) {
    // From all over the language's source, and no two neighbours on the same side.
    const step = Math.floor(all.length / (2 * count))
    const taken = new Set(Array.from({ length: 2 * count }, (_, i) => i * step))
    const chosen = [...taken].map((i) => all[i])
    texts[language] = {
      other: chosen.filter((_, i) => i % 2 === 0),
      measured: chosen.filter((_, i) => i % 2 === 1),
      rest: all.filter((_, i) => !taken.has(i)),
    }
  }
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'tokenizers.json')
  await writeFile(file, JSON.stringify(texts))
  return file
}
