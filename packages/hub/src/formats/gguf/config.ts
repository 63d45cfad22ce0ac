/** @file A GGUF file's keys → what config.json says, as Python's `load_gguf_checkpoint` has it. */
import { familyOf } from './families'
import type { GgufMetadata } from './metadata'
import type { GgufItem, GgufValue } from './values'

const GENERAL = { 'general.name': '_model_name_or_path' }
const TOKENS = {
  'tokenizer.ggml.bos_token_id': 'bos_token_id',
  'tokenizer.ggml.eos_token_id': 'eos_token_id',
  'tokenizer.ggml.unknown_token_id': 'unk_token_id',
  'tokenizer.ggml.padding_token_id': 'pad_token_id',
}

/**
 * What the model's config.json would say. Like `AutoConfig.from_pretrained(repo, gguf_file=…)`: what the file does not tell,
 * such as the scaling of rotary embeddings, keeps the architecture's default.
 * @example
 * await ggufConfig(await readGgufMetadata('smollm2.gguf', blob)) // { model_type: 'llama', hidden_size: 576, … }
 * @throws {UnsupportedCheckpointError} when the architecture is not read from GGUF.
 */
export async function ggufConfig(metadata: GgufMetadata): Promise<Record<string, GgufItem>> {
  const { architecture, family } = familyOf(metadata)
  const config: Record<string, GgufItem> = {
    model_type: family.modelType,
    tie_word_embeddings: metadata.tensors.every(({ name }) => name !== 'output.weight'),
  }
  const take = async (key: string, names: readonly string[]) => {
    const value = await plain(metadata.values.get(key))
    if (value !== undefined) for (const name of names) config[name] = value
  }
  for (const [key, names] of Object.entries(family.keys)) await take(`${architecture}.${key}`, names)
  Object.assign(
    config,
    family.derived?.(config, (key) => metadata.values.get(`${architecture}.${key}`)),
  )
  for (const [key, name] of Object.entries({ ...GENERAL, ...TOKENS })) await take(key, [name])
  const tokens = metadata.values.get('tokenizer.ggml.tokens')
  if (config.vocab_size === undefined && typeof tokens === 'object') config.vocab_size = tokens.count
  return config
}

/** An array of one value counts as the value, as in Python. */
async function plain(value: GgufValue | undefined): Promise<GgufItem | undefined> {
  if (typeof value !== 'object') return value
  const items = await value.read()
  return items.length === 1 ? items[0] : items
}
