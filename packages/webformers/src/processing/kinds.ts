/** @file The classes of processors there are. */
import { samCoordinates } from './points'
import type { ProcessorKind } from './processor'

const image = ['imageProcessor', 'tokenizer'] as const
const finds = { parts: image, textOptions: { padding: 'maxLength' }, queries: true } as const
const sound = ['featureExtractor', 'tokenizer'] as const

const kinds: readonly ProcessorKind[] = [
  { name: 'BlipProcessor', parts: image, textOptions: { returnTokenTypeIds: false } },
  { name: 'CLIPProcessor', parts: image },
  { name: 'ClapProcessor', parts: sound },
  { name: 'OwlViTProcessor', ...finds },
  { name: 'Owlv2Processor', ...finds },
  { name: 'SamProcessor', parts: ['imageProcessor'], coordinates: samCoordinates },
  { name: 'SiglipProcessor', parts: image },
  { name: 'TrOCRProcessor', parts: image, text: 'labels' },
  { name: 'Wav2Vec2Processor', parts: sound, text: 'labels' },
  { name: 'WhisperProcessor', parts: sound, text: 'labels' },
]

/** Which class goes with a model, where no file names one. */
const models: Readonly<Record<string, string>> = {
  blip: 'BlipProcessor',
  clap: 'ClapProcessor',
  clip: 'CLIPProcessor',
  hubert: 'Wav2Vec2Processor',
  owlv2: 'Owlv2Processor',
  owlvit: 'OwlViTProcessor',
  sam: 'SamProcessor',
  siglip: 'SiglipProcessor',
  trocr: 'TrOCRProcessor',
  'vision-encoder-decoder': 'TrOCRProcessor',
  wav2vec2: 'Wav2Vec2Processor',
  whisper: 'WhisperProcessor',
}

export const kindOf = (name: string): ProcessorKind | undefined => kinds.find((kind) => kind.name === name)
export const kindOfModel = (type: string): ProcessorKind | undefined => kindOf(models[type] ?? '')
export const knownKinds = (): string[] => kinds.map(({ name }) => name)
