import { finish } from '@webformers/graph'
import { expect, test } from 'vitest'
import {
  checkpointNames,
  findArchitecture,
  type Head,
  listNames,
  outputNames,
  resolveHead,
  savedBuffers,
  traceModel,
  UnknownArchitectureError,
} from './index'

const target = { device: 'wasm', fused: true, compute: 'float32', weights: 'float32' } as const
const sizes = {
  vocab_size: 30,
  hidden_size: 8,
  num_attention_heads: 2,
  num_hidden_layers: 1,
  intermediate_size: 12,
}

async function trace(model_type: string, head: Head, outputs: string[]) {
  const architecture = await findArchitecture(model_type)
  return finish(traceModel(architecture, head, architecture.config(sizes), outputs, target))
}

test('an unknown model_type lists the known ones', async () => {
  await expect(findArchitecture('pegasus')).rejects.toThrow(UnknownArchitectureError)
  await expect(findArchitecture('pegasus')).rejects.toThrow(
    'Known: albert, audio-spectrogram-transformer, bart, bert',
  )
  await expect(findArchitecture('constructor')).rejects.toThrow(
    'No architecture for model_type "constructor"',
  )
})

test('an unknown head lists those there are', async () => {
  const bert = await findArchitecture('bert')
  const architecture = { ...bert, heads: { Model: bert.heads.Model } }
  const build = () => outputNames(architecture, 'ForMaskedLM', bert.config(sizes))
  expect(build).toThrow(new UnknownArchitectureError('model_type "bert" has no ForMaskedLM. It has: Model.'))
})

test('the encoder of a model that is one is the model', async () => {
  const [bert, t5] = await Promise.all([findArchitecture('bert'), findArchitecture('t5')])
  expect(resolveHead(bert, 'EncoderModel')).toBe('Model')
  expect(resolveHead(t5, 'EncoderModel')).toBe('EncoderModel')
  expect(resolveHead(t5, 'ForMaskedLM')).toBe('ForMaskedLM')
})

test('what a head answers when nothing is asked for', async () => {
  const [bert, electra] = await Promise.all([findArchitecture('bert'), findArchitecture('electra')])
  expect(outputNames(bert, 'Model', bert.config({}))).toEqual(['last_hidden_state', 'pooler_output'])
  expect(outputNames(electra, 'Model', electra.config({}))).toEqual(['last_hidden_state'])
  expect(outputNames(bert, 'ForQuestionAnswering', bert.config({}))).toEqual(['start_logits', 'end_logits'])
})

test('lists are given only on request, by the names Python gives them', async () => {
  const [bert, t5] = await Promise.all([findArchitecture('bert'), findArchitecture('t5')])
  const config = t5.config({})
  expect(outputNames(t5, 'ForConditionalGeneration', config)).toEqual(['logits', 'encoder_last_hidden_state'])
  expect(listNames(t5, 'ForConditionalGeneration', config, 'hidden_states')).toEqual([
    'decoder_hidden_states',
    'encoder_hidden_states',
  ])
  expect(listNames(t5, 'Model', config, 'attentions')).toEqual([
    'decoder_attentions',
    'cross_attentions',
    'encoder_attentions',
  ])
  expect(listNames(t5, 'EncoderModel', config, 'attentions')).toEqual(['attentions'])
  expect(listNames(bert, 'Model', bert.config({}), 'hidden_states')).toEqual(['hidden_states'])
})

test('a Program needs only what its outputs need', async () => {
  const { parameters, inputs } = await trace('bert', 'Model', ['last_hidden_state'])
  expect(parameters.filter(({ name }) => name.startsWith('pooler'))).toEqual([])
  expect(Object.keys(inputs)).toEqual(['input_ids', 'attention_mask', 'token_type_ids'])
  expect(Object.keys((await trace('distilbert', 'Model', ['last_hidden_state'])).inputs)).toEqual([
    'input_ids',
    'attention_mask',
  ])
})

test('ids are bounded by the vocabulary, sequences by the positions', async () => {
  const bert = await trace('bert', 'Model', ['last_hidden_state'])
  expect(bert.inputs.input_ids!.below).toBe(30)
  expect(bert.inputs.token_type_ids!.below).toBe(2)
  expect(bert.limits).toEqual({ sequence: 512 })
  // RoBERTa's first position comes after the padding's.
  expect((await trace('roberta', 'Model', ['last_hidden_state'])).limits).toEqual({ sequence: 510 })
  expect((await trace('mpnet', 'Model', ['last_hidden_state'])).limits).toEqual({ sequence: 510 })
})

test('inputs are those of the architecture', async () => {
  const gpt2 = await trace('gpt2', 'ForCausalLM', ['logits'])
  expect(gpt2.inputs).toEqual({
    input_ids: { dtype: 'int32', shape: ['batch', 'sequence'], below: 30 },
    attention_mask: { dtype: 'int32', shape: ['batch', 'sequence'] },
  })
  expect(gpt2.limits).toEqual({ sequence: 1024 })
  const t5 = await trace('t5', 'ForConditionalGeneration', ['logits'])
  expect(t5.inputs.decoder_input_ids).toEqual({
    dtype: 'int32',
    shape: ['batch', 'decoder_sequence'],
    below: 30,
  })
  expect(t5.limits).toEqual({})
  const vit = await trace('vit', 'Model', ['pooler_output'])
  expect(vit.inputs).toEqual({ pixel_values: { dtype: 'float32', shape: ['batch', 3, 224, 224] } })
})

test('a tied weight is one parameter', async () => {
  const { parameters } = await trace('bert', 'ForMaskedLM', ['logits'])
  const words = parameters.filter(({ shape }) => String(shape) === '30,8')
  expect(words.map(({ sources }) => sources)).toEqual([
    [
      'bert.embeddings.word_embeddings.weight',
      'cls.predictions.decoder.weight',
      'embeddings.word_embeddings.weight',
    ],
  ])
})

test('names to look for, best first', async () => {
  const bert = await findArchitecture('bert')
  expect(checkpointNames(['bert.embeddings.LayerNorm.weight'], bert, 'ForMaskedLM')).toEqual([
    'bert.embeddings.LayerNorm.weight',
    'bert.embeddings.LayerNorm.gamma',
    'embeddings.LayerNorm.weight',
    'embeddings.LayerNorm.gamma',
  ])
  const t5 = await findArchitecture('t5')
  expect(checkpointNames(['encoder.block.0'], t5, 'EncoderModel')).toEqual([
    'encoder.block.0',
    'transformer.encoder.block.0',
  ])
  expect(checkpointNames(['pooler.dense.bias'], bert, 'Model')).toEqual([
    'pooler.dense.bias',
    'bert.pooler.dense.bias',
  ])
  expect(checkpointNames(['classifier.bias'], bert, 'ForTokenClassification')).toEqual(['classifier.bias'])
})

test.each([
  ['gpt_neox.layers.3.attention.masked_bias', true],
  ['gpt_neox.layers.3.attention.bias', true],
  ['gpt_neox.layers.3.attention.rotary_emb.inv_freq', true],
  ['gpt_neox.layers.3.attention.query_key_value.bias', false],
  ['transformer.h.0.attn.masked_bias', true],
  ['transformer.h.0.attn.c_attn.bias', false],
] as const)('%s is a buffer of an older version: %s', (name, expected) => {
  expect(new RegExp(savedBuffers).test(name)).toBe(expected)
})
