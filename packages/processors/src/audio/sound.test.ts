import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  ASTFeatureExtractor,
  AudioError,
  AutoFeatureExtractor,
  ClapFeatureExtractor,
  type FeatureTensor,
  loadAudio,
  resample,
  Wav2Vec2FeatureExtractor,
  WhisperFeatureExtractor,
} from '..'
import { Resampler } from './resample'

/** Values of which every `step`-th of an axis was kept. */
interface Packed {
  shape: number[]
  axis: number
  step: number
  data: string
}
interface Clap {
  input_features: Packed
  is_longer: [boolean][]
}

const file = (name: string) => readFileSync(new URL(`fixture/${name}`, import.meta.url))
const recorded = JSON.parse(file('sound.json').toString()) as {
  chance: number
  whisper: Record<'plain' | 'mels' | 'normalized' | 'longest' | 'batch', Packed> & {
    silence: number
    mask: number[]
    frames: number[]
  }
  wav2vec2: Record<'one' | 'masked' | 'cut', Packed> & { mask: number[]; multiple: number[] }
  ast: { torchaudio: Packed; padding: number }
  clap: Record<string, Clap>
  resampled: { from: number; to: number; samples: Packed }[]
  saved: Record<string, string>
}
const speech = await loadAudio(new Blob([file('speech.wav')]))

function unpacked({ data }: Packed): Float32Array {
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0))
  return new Float32Array(bytes.buffer)
}

/** The largest difference to what was recorded, of a tensor that may go on further along the axis. */
function difference({ shape, data }: FeatureTensor<'float32'>, packed: Packed): number {
  const { axis, step } = packed
  const expected = unpacked(packed)
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1)
  const outer = shape.slice(0, axis).reduce((product, size) => product * size, 1)
  const kept = Math.ceil(packed.shape[axis]! / step)
  expect(packed.shape.toSpliced(axis, 1)).toEqual(shape.toSpliced(axis, 1))
  expect(expected).toHaveLength(outer * kept * inner)
  let worst = 0
  for (let o = 0; o < outer; o++)
    for (let k = 0; k < kept; k++)
      for (let i = 0; i < inner; i++) {
        const value = data[(o * shape[axis]! + k * step) * inner + i]!
        worst = Math.max(worst, Math.abs(value - expected[(o * kept + k) * inner + i]!))
      }
  return worst
}

const sums = ({ shape: [rows = 0, length = 0], data }: FeatureTensor<'int32'>) =>
  Array.from({ length: rows }, (_, row) =>
    data.subarray(row * length, (row + 1) * length).reduce((sum, value) => sum + value, 0),
  )

describe('Whisper', () => {
  const { plain, mels, normalized, longest, batch, silence, mask, frames } = recorded.whisper

  test('spectrograms of 30 seconds are those of Python', async () => {
    const extract = await WhisperFeatureExtractor.fromConfig()
    const { input_features } = await extract(speech)
    expect(input_features.shape).toEqual([1, 80, 3000])
    expect(difference(input_features, plain)).toBeLessThan(1e-4)
    expect(Math.abs(input_features.data.at(-1)! - silence)).toBeLessThan(1e-4)
    const { input_features: again } = await extract(speech, { doNormalize: true })
    expect(difference(again, normalized)).toBeLessThan(1e-4)
  })

  test('so are those of 128 mels', async () => {
    const extract = await WhisperFeatureExtractor.fromConfig({ feature_size: 128 })
    expect(difference((await extract(speech)).input_features, mels)).toBeLessThan(1e-4)
  })

  test('all of a sound, and several with their masks', async () => {
    const extract = await WhisperFeatureExtractor.fromConfig()
    const whole = { truncation: false, padding: 'longest' } as const
    const one = await extract(speech, whole)
    expect(one.input_features.shape).toEqual(longest.shape)
    expect(difference(one.input_features, longest)).toBeLessThan(1e-4)
    const two = await extract([speech, speech.subarray(0, 16000)], {
      ...whole,
      returnAttentionMask: true,
      returnTokenTimestamps: true,
    })
    expect(difference(two.input_features, batch)).toBeLessThan(1e-4)
    expect(sums(two.attention_mask!)).toEqual(mask)
    expect(two.num_frames).toEqual(frames)
  })

  test('dithered silence is as loud as its noise', async () => {
    const silent = new Float32Array(16000 * 30)
    const extract = await WhisperFeatureExtractor.fromConfig({ dither: 0.01 })
    const { input_features } = await extract(silent)
    // Noise of one deviation everywhere: no frame is far from the next.
    const mean = input_features.data.reduce((sum, value) => sum + value, 0) / input_features.data.length
    const clean = await (await WhisperFeatureExtractor.fromConfig())(silent)
    expect(mean).toBeGreaterThan(clean.input_features.data[0]! + 1)
    expect(clean.input_features.data.every((value) => value === -1.5)).toBe(true)
  })
})

describe('Wav2Vec2', () => {
  const { one, masked, mask, cut, multiple } = recorded.wav2vec2
  const short = speech.subarray(0, 16000)

  test('samples have mean 0 and variance 1 as in Python', async () => {
    const extract = await Wav2Vec2FeatureExtractor.fromConfig()
    expect(difference((await extract(speech)).input_values, one)).toBeLessThan(1e-4)
    const padded = await extract([speech, short], {
      padding: 'maxLength',
      maxLength: 20000,
      truncation: true,
    })
    expect(difference(padded.input_values, cut)).toBeLessThan(1e-4)
    expect((await extract(speech, { padding: true, padToMultipleOf: 1024 })).input_values.shape).toEqual(
      multiple,
    )
  })

  test('with a mask, padding is left out of it', async () => {
    const extract = await Wav2Vec2FeatureExtractor.fromConfig({ return_attention_mask: true })
    const { input_values, attention_mask } = await extract([speech, short], { padding: true })
    expect(difference(input_values, masked)).toBeLessThan(1e-4)
    expect(sums(attention_mask!)).toEqual(mask)
  })

  test('sounds of different lengths are no batch without padding', async () => {
    const extract = await Wav2Vec2FeatureExtractor.fromConfig()
    await expect(extract([speech, short])).rejects.toThrow(AudioError)
  })
})

test('filter banks of the audio spectrogram transformer are those of torchaudio', async () => {
  const extract = await ASTFeatureExtractor.fromConfig()
  const { input_values } = await extract(speech)
  expect(input_values.shape).toEqual([1, 1024, 128])
  expect(difference(input_values, recorded.ast.torchaudio)).toBeLessThan(1e-4)
  expect(Math.abs(input_values.data.at(-1)! - recorded.ast.padding)).toBeLessThan(1e-6)
})

describe('CLAP', () => {
  const long = new Float32Array(500_000)
  for (let i = 0; i < long.length; i++) long[i] = speech[i % speech.length]!
  const random = () => recorded.chance

  test.each([
    ['fused long', long, {}, {}],
    ['fused short', speech, {}, {}],
    ['cut long', long, { truncation: 'rand_trunc' }, {}],
    ['cut short', speech, {}, { truncation: 'rand_trunc' }],
    ['padded short', speech, { truncation: 'rand_trunc', padding: 'pad' }, {}],
    ['repeated short', speech, { truncation: 'rand_trunc' }, { padding: 'repeat' }],
  ] as const)('%s', async (name, sound, config, options) => {
    const extract = await ClapFeatureExtractor.fromConfig(config)
    const { input_features, is_longer } = await extract(sound, { ...options, random })
    const expected = recorded.clap[name]!
    expect(input_features.shape).toEqual(expected.input_features.shape)
    expect(difference(input_features, expected.input_features)).toBeLessThan(1e-4)
    expect(Array.from(is_longer.data, Boolean)).toEqual(expected.is_longer.flat())
  })
})

describe('resampling', () => {
  test.each(recorded.resampled)('$from → $to as torchaudio', async ({ from, to, samples }) => {
    const made = await resample(speech, from, to)
    expect(made).toHaveLength(samples.shape[0]!)
    expect(difference({ dtype: 'float32', shape: [made.length], data: made }, samples)).toBeLessThan(1e-4)
  })

  test('a stream gives what the whole gives', async () => {
    const whole = await resample(speech, 44100, 16000)
    const resampler = new Resampler(44100, 16000)
    const pieces: number[] = []
    for (let at = 0, size = 1; at < speech.length; at += size, size = (size * 7) % 2999)
      pieces.push(...resampler.push(speech.subarray(at, at + size)))
    pieces.push(...resampler.end())
    expect(Float32Array.from(pieces)).toEqual(whole)
  })

  test('rates are whole numbers', async () => {
    await expect(resample(speech, 16000.5, 8000)).rejects.toThrow(AudioError)
  })
})

describe('preprocessor_config.json', () => {
  const classes = {
    ASTFeatureExtractor,
    ClapFeatureExtractor,
    Wav2Vec2FeatureExtractor,
    WhisperFeatureExtractor,
  } as const

  test.each(Object.entries(classes))('%s is written as in Python', async (name, kind) => {
    const { 'preprocessor_config.json': written } = (await kind.fromConfig()).toFiles()
    expect(await written!.text()).toBe(recorded.saved[name])
  })

  test('chooses the class, or else the model does', async () => {
    const config = { feature_extractor_type: 'WhisperFeatureExtractor', feature_size: 128, own_key: 1.0 }
    const files = { 'preprocessor_config.json': new Blob([JSON.stringify(config)]) }
    const named = await AutoFeatureExtractor.fromPretrained(files)
    expect(named.config).toMatchObject({ feature_size: 128, n_samples: 480000, own_key: 1 })
    const unnamed = await AutoFeatureExtractor.fromPretrained({
      'preprocessor_config.json': new Blob(['{ "do_normalize": false }']),
      'config.json': new Blob(['{ "model_type": "hubert" }']),
    })
    expect(unnamed.config).toMatchObject({
      feature_extractor_type: 'Wav2Vec2FeatureExtractor',
      do_normalize: false,
    })
  })
})

describe('bad input', () => {
  const nan = Float32Array.of(0, 0.5, Number.NaN)
  test.each([
    ['nothing', new Float32Array(0), /no samples/],
    ['no numbers', nan, /Sample 2 of 3 is NaN/],
    ['infinity', [0, Number.POSITIVE_INFINITY], /Sample 1 of 2 is Infinity/],
    ['an empty file', new Blob([]), /WAV/],
    ['a file of another kind', new Blob(['ID3 and more']), /WAV/],
    ['an object', { samples: [1, 2] } as never, /no sound/],
  ])('%s', async (_, sound, message) => {
    await expect(loadAudio(sound)).rejects.toThrow(AudioError)
    await expect(loadAudio(sound)).rejects.toThrow(message)
  })

  test('silence is a sound', async () => {
    const { input_values } = await (await Wav2Vec2FeatureExtractor.fromConfig())(new Float32Array(400))
    expect(input_values.data.every((value) => value === 0)).toBe(true)
  })
})
