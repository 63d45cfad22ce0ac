/** @file `config.json` as Python's `save_pretrained` writes it: what differs from the defaults that all configurations share. */
import { parsePythonJson, pythonJson, type Repository } from '@webformers/hub'
import type { Architecture, Head, Json, PretrainedConfig } from '@webformers/models'
import type { Configured } from './configured'

/** The version of Transformers whose files these are. */
const VERSION = '4.57.6'

/** The keys that every configuration has in Python, with their defaults. */
const SHARED: Json = {
  return_dict: true,
  output_hidden_states: false,
  output_attentions: false,
  torchscript: false,
  tf_legacy_loss: false,
  use_bfloat16: false,
  dtype: null,
  pruned_heads: {},
  tie_word_embeddings: true,
  chunk_size_feed_forward: 0,
  is_encoder_decoder: false,
  is_decoder: false,
  cross_attention_hidden_size: null,
  add_cross_attention: false,
  tie_encoder_decoder: false,
  architectures: null,
  finetuning_task: null,
  id2label: { 0: 'LABEL_0', 1: 'LABEL_1' },
  label2id: { LABEL_0: 0, LABEL_1: 1 },
  task_specific_params: null,
  problem_type: null,
  tokenizer_class: null,
  prefix: null,
  bos_token_id: null,
  pad_token_id: null,
  eos_token_id: null,
  sep_token_id: null,
  decoder_start_token_id: null,
  max_length: 20,
  min_length: 0,
  do_sample: false,
  early_stopping: false,
  num_beams: 1,
  num_beam_groups: 1,
  diversity_penalty: 0,
  temperature: 1,
  top_k: 50,
  top_p: 1,
  typical_p: 1,
  repetition_penalty: 1,
  length_penalty: 1,
  no_repeat_ngram_size: 0,
  encoder_no_repeat_ngram_size: 0,
  bad_words_ids: null,
  num_return_sequences: 1,
  output_scores: false,
  return_dict_in_generate: false,
  forced_bos_token_id: null,
  forced_eos_token_id: null,
  remove_invalid_values: false,
  exponential_decay_length_penalty: null,
  suppress_tokens: null,
  begin_suppress_tokens: null,
}

/** What a file says of the place it came from or of other keys, and Python does not write. */
const NOT_SAVED: readonly string[] = [
  '_name_or_path',
  '_commit_hash',
  '_auto_class',
  '_attn_implementation_autoset',
  'num_labels',
  'torch_dtype',
  'base_model_tp_plan',
  'base_model_pp_plan',
]

/**
 * `config.json` of a configuration: the keys it was read from, those that were changed since, and `changes`.
 * @param text the file it was read from, which tells floats from whole numbers
 */
export function configFile(
  { architecture, config, json }: Configured,
  changes: Json = {},
  text?: string,
): Blob {
  const read = architecture.config(json) as PretrainedConfig & Json
  const changed = Object.entries(config).filter(([key, value]) => !equal(value, read[key] ?? json[key]))
  const current: Json = { ...json, ...Object.fromEntries(changed) }
  const { dtype = current.torch_dtype } = current
  const all: Json = { ...withFloats(current, text), dtype, ...changes, transformers_version: VERSION }
  const own = defaultsOf(architecture, { model_type: config.model_type })
  const ownOf = (key: string, { model_type }: Json) =>
    defaultsOf(architecture, { ...json, [key]: { ...(model_type !== undefined && { model_type }) } })[key]
  const saved = Object.entries(all)
    .filter(([key, value]) => {
      if (NOT_SAVED.includes(key) || value === undefined) return false
      if (!Object.hasOwn(SHARED, key)) return true
      return !equal(value, SHARED[key]) || !equal(value, own[key] ?? value)
    })
    .map(
      ([key, value]) =>
        [key, isPart(key, value) ? partFile(value, ownOf(key, value), changes.dtype) : value] as const,
    )
  if (WRITE_THEMSELVES.includes(config.model_type)) {
    const { output_attentions = false, transformers_version = null } = json
    saved.push(['output_attentions', output_attentions], ['transformers_version', transformers_version])
  }
  const ordered = saved.map(([key, value]) => [key, BY_NUMBER.includes(key) ? byNumber(value) : value])
  return new Blob([...pythonJson(Object.fromEntries(ordered), { ascii: true })])
}

/** Whose classes in Python write all by themselves: their version is that of the file they were read from. */
const WRITE_THEMSELVES = ['depth_anything', 'dpt']

/** Whether a key holds the configuration of a part, which is of a class of its own. */
const isPart = (key: string, value: unknown): value is Json =>
  PART.test(key) && typeof value === 'object' && value !== null && !Array.isArray(value)
const PART = /^(encoder|decoder|(?!quantization|generation)\w+_config)$/

/** The configuration of a part: less than Python's own defaults for it, and in the type of the whole. */
function partFile(part: Json, own: unknown, dtype: unknown): Json {
  const defaults: Json = { ...SHARED, ...(own as Json | undefined) }
  const { torch_dtype, dtype: ownType = torch_dtype, transformers_version: _, ...rest } = part
  const all: Json = { ...rest, dtype: dtype ?? ownType }
  return Object.fromEntries(
    Object.entries(all).filter(([key, value]) => {
      if (key === '_name_or_path') return value !== ''
      if (NOT_SAVED.includes(key) || value === undefined) return false
      return !Object.hasOwn(SHARED, key) || !equal(value, defaults[key])
    }),
  )
}

/** Keys whose own keys are whole numbers in Python, which sorts them as such. */
const BY_NUMBER = ['id2label', 'pruned_heads']

/** JavaScript has whole numbers in their order, before other keys. */
const byNumber = (value: unknown) => new Map(Object.entries(value ?? {}))

/** The file that a configuration was read from, if it can still be read: it has been, so it mostly is in the cache. */
export async function readText(repository: Repository, signal?: AbortSignal): Promise<string | undefined> {
  try {
    return await repository.text('config.json', { signal })
  } catch {
    signal?.throwIfAborted()
    return undefined
  }
}

/** The same values, whole numbers as floats where the file has them as such: newer versions of Python's classes insist. */
function withFloats(config: Json, text: string | undefined): Json {
  if (text === undefined) return config
  const [parsed, plain] = [parsePythonJson(text) as Json, JSON.parse(text) as Json]
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, equal(value, plain[key]) ? parsed[key] : value]),
  )
}

/** What the architecture itself takes for granted; one that a page wrote may take nothing. */
function defaultsOf({ config }: Architecture, json: Json): Json {
  try {
    return { ...config(json) }
  } catch {
    return {}
  }
}

const equal = (a: unknown, b: unknown) =>
  [...pythonJson(a ?? null)].join('') === [...pythonJson(b ?? null)].join('')

/** How Python spells the names of these models. */
const spellings: Readonly<Record<string, string>> = {
  albert: 'Albert',
  'audio-spectrogram-transformer': 'AST',
  bart: 'Bart',
  bert: 'Bert',
  blip: 'Blip',
  camembert: 'Camembert',
  clap: 'Clap',
  clap_audio_model: 'ClapAudio',
  clap_text_model: 'ClapText',
  clip: 'CLIP',
  clip_text_model: 'CLIPText',
  clip_vision_model: 'CLIPVision',
  convnext: 'ConvNext',
  deit: 'DeiT',
  depth_anything: 'DepthAnything',
  detr: 'Detr',
  dinov2: 'Dinov2',
  distilbert: 'DistilBert',
  dpt: 'DPT',
  electra: 'Electra',
  gemma2: 'Gemma2',
  gemma3_text: 'Gemma3Text',
  gpt2: 'GPT2',
  gpt_neox: 'GPTNeoX',
  hubert: 'Hubert',
  idefics3: 'Idefics3',
  llama: 'Llama',
  m2m_100: 'M2M100',
  marian: 'Marian',
  mbart: 'MBart',
  mistral: 'Mistral',
  mobilenet_v2: 'MobileNetV2',
  mpnet: 'MPNet',
  mt5: 'MT5',
  owlv2: 'Owlv2',
  owlv2_text_model: 'Owlv2Text',
  owlv2_vision_model: 'Owlv2Vision',
  owlvit: 'OwlViT',
  owlvit_text_model: 'OwlViTText',
  owlvit_vision_model: 'OwlViTVision',
  phi3: 'Phi3',
  qwen2: 'Qwen2',
  qwen3: 'Qwen3',
  resnet: 'ResNet',
  roberta: 'Roberta',
  sam: 'Sam',
  sam_vision_model: 'SamVision',
  segformer: 'Segformer',
  siglip: 'Siglip',
  siglip_text_model: 'SiglipText',
  siglip_vision_model: 'SiglipVision',
  smollm3: 'SmolLM3',
  smolvlm: 'SmolVLM',
  superpoint: 'SuperPoint',
  swin: 'Swin',
  t5: 'T5',
  trocr: 'TrOCR',
  umt5: 'UMT5',
  'vision-encoder-decoder': 'VisionEncoderDecoder',
  vit: 'ViT',
  vitpose: 'VitPose',
  vitpose_backbone: 'VitPose',
  wav2vec2: 'Wav2Vec2',
  whisper: 'Whisper',
  'xlm-roberta': 'XLMRoberta',
  yolos: 'Yolos',
}

/** Classes that are not called by family and head. */
const exceptions: Readonly<Record<string, string>> = {
  GPT2ForCausalLM: 'GPT2LMHeadModel',
  Gemma3TextForCausalLM: 'Gemma3ForCausalLM',
  MarianForConditionalGeneration: 'MarianMTModel',
}

/**
 * The name of Python's class for a head; undefined where none is known.
 * @example className({ model_type: 'bert' }, 'ForMaskedLM') // 'BertForMaskedLM'
 */
export function className({ model_type, architectures }: Json, head: Head): string | undefined {
  const [stated] = Array.isArray(architectures) ? architectures.map(String) : []
  const family =
    spellings[String(model_type)] ??
    stated?.replace(/(EncoderModel|LMHeadModel|MTModel|Model(WithProjection)?|Backbone|For[A-Z]\w*)$/, '')
  return family && (exceptions[family + head] ?? family + head)
}
