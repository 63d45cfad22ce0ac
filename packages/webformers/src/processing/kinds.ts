/** @file The classes of processors there are. */
import { token2json } from './donut'
import { imagesAmongWords } from './images-among-words'
import { samCoordinates } from './points'
import type { ProcessorKind } from './processor'

const image = ['imageProcessor', 'tokenizer'] as const
const sound = ['featureExtractor', 'tokenizer'] as const
const LABELS = ['labels']
/** Images among words, of which a part is so many tokens. */
const among = { parts: image, config: { image_seq_len: 169 } }

const IDEFICS3_TOKENS = ['<fake_token_around_image>', '<image>', '<end_of_utterance>']

const kinds: readonly ProcessorKind[] = [
  { name: 'BlipProcessor', parts: image, textOptions: { returnTokenTypeIds: false } },
  { name: 'CLIPProcessor', parts: image },
  { name: 'ClapProcessor', parts: sound },
  {
    name: 'DonutProcessor',
    parts: image,
    text: [...LABELS, 'input_ids'],
    textOptionsBeside: { addSpecialTokens: false },
    methods: ({ tokenizer }) => ({
      token2json: (text: string) => token2json(text, new Set(tokenizer.getAddedVocab().keys())),
    }),
  },
  {
    name: 'Idefics3Processor',
    ...among,
    amongWords(config, tokenizer) {
      tokenizer.addSpecialTokens({ additional_special_tokens: IDEFICS3_TOKENS })
      return imagesAmongWords({ image_seq_len: config.image_seq_len }, tokenizer)
    },
  },
  { name: 'SamProcessor', parts: ['imageProcessor'], coordinates: samCoordinates },
  { name: 'SiglipProcessor', parts: image },
  {
    name: 'SmolVLMProcessor',
    ...among,
    amongWords: imagesAmongWords,
    keeps: ['video_preprocessor_config.json'],
  },
  { name: 'TrOCRProcessor', parts: image, text: LABELS },
  { name: 'Wav2Vec2Processor', parts: sound, text: LABELS },
  { name: 'WhisperProcessor', parts: sound, text: LABELS },
]

/** Which class goes with a model, where no file names one. */
const models: Readonly<Record<string, string>> = {
  blip: 'BlipProcessor',
  clap: 'ClapProcessor',
  clip: 'CLIPProcessor',
  hubert: 'Wav2Vec2Processor',
  idefics3: 'Idefics3Processor',
  sam: 'SamProcessor',
  siglip: 'SiglipProcessor',
  smolvlm: 'SmolVLMProcessor',
  trocr: 'TrOCRProcessor',
  'vision-encoder-decoder': 'TrOCRProcessor',
  wav2vec2: 'Wav2Vec2Processor',
  whisper: 'WhisperProcessor',
}

export const kindOf = (name: string): ProcessorKind | undefined => kinds.find((kind) => kind.name === name)
export const kindOfModel = (type: string): ProcessorKind | undefined => kindOf(models[type] ?? '')
export const knownKinds = (): string[] => kinds.map(({ name }) => name)
