/** @file webformers' tokenizers, as their documentation says. */
import { AutoTokenizer, configure } from '/ours/webformers.js'

export async function open({ hub, repository }) {
  configure({ endpoint: hub })
  const tokenizer = await AutoTokenizer.fromPretrained(repository)
  return {
    call: (text) => tokenizer(text).input_ids,
    encode: (text) => tokenizer.encode(text),
    callAsync: tokenizer.callAsync && (async (text) => (await tokenizer.callAsync(text)).input_ids),
  }
}
