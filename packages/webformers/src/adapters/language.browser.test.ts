/** @file A Wav2Vec2 of two languages hears what it hears in Python, once it is told which. */
import { loadAudio } from '@webformers/processors'
import { expect, test } from 'vitest'
import speechUrl from '../../../processors/src/audio/fixture/speech.wav?url'
import { heard } from '../../fixtures/languages.json'
import { AutoModelForCTC } from '../auto'
import { Wav2Vec2Processor } from '../processing'
import { toList } from '../tensor'
import { fixtures } from '../testing/browser'
import { hubOf } from '../testing/hub'
import { AdapterError } from './errors'

const repository = 'tiny/wav2vec2-languages'
const hub = { fetch: hubOf(fixtures), cache: false }

test('one language after another', async () => {
  const processor = await Wav2Vec2Processor.fromPretrained(repository, hub)
  await using model = await AutoModelForCTC.fromPretrained(repository, { ...hub, device: 'wasm' })
  const inputs = await processor({ audio: await loadAudio(speechUrl) }, { samplingRate: 16000 })
  for (const [i, [language, text, scores]] of (heard as [string, string, number[]][]).entries()) {
    if (i > 0) {
      await processor.tokenizer.setTargetLang(language)
      await model.loadAdapter(language)
    }
    const { logits } = await model(inputs)
    const rows = toList<number[][][]>(logits!)[0]!
    expect(processor.decode(rows.map((row) => row.indexOf(Math.max(...row))))).toBe(text)
    rows[7]!.forEach((score, at) => {
      expect(score).toBeCloseTo(scores[at]!, 4)
    })
    expect(model.config.vocab_size).toBe(rows[7]!.length)
  }
  await expect(model.loadAdapter('fra')).rejects.toThrow(/adapter\.fra\.bin/)
})

test('a language of another model', async () => {
  const wrong: typeof fetch = (input, init) =>
    hubOf({
      ...fixtures,
      [`${repository}/adapter.deu.safetensors`]: fixtures['tiny/wav2vec2-letters/model.safetensors']!,
    })(input, init)
  await using model = await AutoModelForCTC.fromPretrained(repository, {
    fetch: wrong,
    cache: false,
    device: 'wasm',
  })
  await expect(model.loadAdapter('deu')).rejects.toThrow(AdapterError)
})
