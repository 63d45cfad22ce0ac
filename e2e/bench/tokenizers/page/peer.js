/** @file @huggingface/tokenizers, as its README says; its files come from here and stay in the browser's cache. */
import { Tokenizer } from '/peer/tokenizers.min.mjs'

export async function open({ repository }) {
  const read = async (file) => (await fetch(`/hub/${repository}/${file}`)).json()
  const files = await Promise.all(['tokenizer.json', 'tokenizer_config.json'].map(read))
  const tokenizer = new Tokenizer(...files)
  const encode = (text) => tokenizer.encode(text).ids
  return { call: encode, encode }
}
