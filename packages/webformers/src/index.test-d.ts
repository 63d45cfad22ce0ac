import { expectTypeOf, test } from 'vitest'
import {
  type Answer,
  AutoConfig,
  AutoFeatureExtractor,
  AutoImageProcessor,
  AutoModel,
  AutoModelForAudioClassification,
  AutoModelForCausalLM,
  AutoModelForObjectDetection,
  AutoModelForQuestionAnswering,
  AutoModelForSeq2SeqLM,
  AutoModelForSequenceClassification,
  AutoProcessor,
  AutoTokenizer,
  type Chat,
  type ChatMessage,
  type Classification,
  type DType,
  type EntityGroup,
  type ExportedPrecision,
  type GeneratedChat,
  type GeneratedSummary,
  type GeneratedText,
  type GeneratedTokens,
  type MaskFilling,
  type PastKeyValues,
  type Precision,
  type PreTrainedModel,
  type Pushed,
  pipeline,
  type Tensor,
  type TokenEntity,
  type ToolCall,
  type TranslatedText,
  tensor,
  toList,
  type ZeroShotResult,
  zipFiles,
} from './index'

type Floats = Tensor<'float32'>

test('tensors', () => {
  expectTypeOf(tensor([1, 2])).toEqualTypeOf<Tensor<DType>>()
  expectTypeOf(tensor([1, 2], [2], 'float32')).toEqualTypeOf<Floats>()
  expectTypeOf<Floats['data']>().toEqualTypeOf<Float32Array>()
  expectTypeOf(toList<number[][]>(tensor([[1]]))).toEqualTypeOf<number[][]>()
})

test('what a processor gives is what a model takes', async () => {
  const photo = new Blob()
  const detector = await AutoModelForObjectDetection.fromPretrained('org/name')
  const seen = await (await AutoImageProcessor.fromPretrained('org/name'))(photo)
  expectTypeOf((await detector(seen)).pred_boxes).toEqualTypeOf<Floats>()

  const listener = await AutoModelForAudioClassification.fromPretrained('org/name')
  const heard = await (await AutoFeatureExtractor.fromPretrained('org/name'))(photo)
  expectTypeOf((await listener(heard)).logits).toEqualTypeOf<Floats>()

  const pair = await AutoModel.fromPretrained('org/name')
  const both = await (await AutoProcessor.fromPretrained('org/name'))({ text: 'a cat', images: photo })
  await pair(both)
  // @ts-expect-error a photograph is no tensor
  await detector({ pixel_values: photo })
})

test('a head decides which outputs there are', async () => {
  const base = await AutoModel.fromPretrained('org/name', { device: 'webgpu', dtype: 'fp16' })
  const outputs = await base({ input_ids: [1] })
  expectTypeOf(outputs.last_hidden_state).toEqualTypeOf<Floats>()
  expectTypeOf(outputs.pooler_output).toEqualTypeOf<Floats | undefined>()
  // @ts-expect-error the base model has no head
  outputs.logits

  const classifier = await AutoModelForSequenceClassification.fromPretrained(
    new URL('https://example.org/model/'),
  )
  expectTypeOf((await classifier({ input_ids: [1] })).logits).toEqualTypeOf<Floats>()

  const answerer = await AutoModelForQuestionAnswering.fromPretrained('org/name')
  const { start_logits, end_logits } = await answerer({ input_ids: [1] })
  expectTypeOf([start_logits, end_logits]).toEqualTypeOf<Floats[]>()
})

test('what is asked for is there', async () => {
  const model = await AutoModel.fromPretrained('org/name')
  const usual = await model({ input_ids: [1] })
  expectTypeOf(usual.hidden_states).toEqualTypeOf<Floats[] | undefined>()
  const asked = await model({ input_ids: [1] }, { outputHiddenStates: true })
  expectTypeOf(asked.hidden_states).toEqualTypeOf<Floats[]>()
  expectTypeOf(asked.attentions).toEqualTypeOf<Floats[] | undefined>()
})

test('an encoder and a decoder have lists of their own', async () => {
  const model = await AutoModelForSeq2SeqLM.fromPretrained('org/name')
  const asked = await model({ input_ids: [1], decoder_input_ids: [0] }, { outputAttentions: true })
  expectTypeOf(asked.logits).toEqualTypeOf<Floats>()
  expectTypeOf(asked.encoder_last_hidden_state).toEqualTypeOf<Floats>()
  expectTypeOf(asked.encoder_attentions).toEqualTypeOf<Floats[]>()
  expectTypeOf(asked.cross_attentions).toEqualTypeOf<Floats[]>()
  expectTypeOf(asked.decoder_hidden_states).toEqualTypeOf<Floats[] | undefined>()
  expectTypeOf(asked.hidden_states).toEqualTypeOf<undefined>()
})

test('a model takes what its tokenizer gives', async () => {
  const model = await AutoModel.fromPretrained('org/name')
  const tokenizer = await AutoTokenizer.fromPretrained('org/name')
  expectTypeOf(model).parameter(0).not.toBeAny()
  await model(tokenizer('I love it'))
  await model(tokenizer(['I love it'], { returnTensors: true }), { signal: new AbortController().signal })
  // @ts-expect-error text is for the tokenizer
  await model('I love it')
  // @ts-expect-error inputs have names
  await model([1, 2])
  await model({ pixel_values: [0.5] }) // an architecture of one's own may take what it likes
})

test('text-classification', async () => {
  const classify = await pipeline('text-classification', 'org/name')
  expectTypeOf(await classify('a')).toEqualTypeOf<Classification[]>()
  expectTypeOf(await classify({ text: 'a', text_pair: 'b' })).toEqualTypeOf<Classification[]>()
  expectTypeOf(await classify(['a'])).toEqualTypeOf<Classification[]>()
  expectTypeOf(await classify(['a'], { topK: 2 })).toEqualTypeOf<Classification[][]>()
  expectTypeOf(await classify(['a'], { topK: null, batchSize: 4 })).toEqualTypeOf<Classification[][]>()
  expectTypeOf(classify(new Set(['a']))).toEqualTypeOf<AsyncGenerator<Classification[]>>()
  // @ts-expect-error an option of another task
  await classify('a', { candidateLabels: ['b'] })
  // @ts-expect-error Python's spelling
  await classify('a', { top_k: 2 })

  const best = await pipeline('sentiment-analysis', 'org/name', { topK: 2, device: 'wasm' })
  expectTypeOf(best.task).toEqualTypeOf<'text-classification'>()
  expectTypeOf(best.model).toEqualTypeOf<PreTrainedModel>()
  expectTypeOf(await best(['a'])).toEqualTypeOf<Classification[][]>()
})

test('token-classification', async () => {
  const label = await pipeline('token-classification', 'org/name')
  expectTypeOf(await label('a')).toEqualTypeOf<TokenEntity[]>()
  expectTypeOf(await label(['a'], { aggregationStrategy: 'none' })).toEqualTypeOf<TokenEntity[][]>()
  expectTypeOf(await label('a', { aggregationStrategy: 'simple' })).toEqualTypeOf<EntityGroup[]>()

  const group = await pipeline('ner', 'org/name', { aggregationStrategy: 'first' })
  expectTypeOf(await group('a')).toEqualTypeOf<EntityGroup[]>()
  expectTypeOf(await group(['a'], { aggregationStrategy: 'none' })).toEqualTypeOf<TokenEntity[][]>()
})

test('question-answering', async () => {
  const answer = await pipeline('question-answering', 'org/name')
  const question = { question: 'a', context: 'b' }
  expectTypeOf(await answer(question)).toEqualTypeOf<Answer>()
  expectTypeOf(await answer(question, { topK: 1 })).toEqualTypeOf<Answer>()
  expectTypeOf(await answer(question, { topK: 3 })).toEqualTypeOf<Answer[]>()
  expectTypeOf(await answer([question])).toEqualTypeOf<Answer[]>()
  expectTypeOf(await answer({ question: ['a', 'c'], context: 'b' }, { topK: 2 })).toEqualTypeOf<Answer[][]>()
})

test('feature-extraction', async () => {
  const extract = await pipeline('feature-extraction', 'org/name')
  expectTypeOf(await extract('a')).toEqualTypeOf<number[][][]>()
  expectTypeOf(await extract(['a'])).toEqualTypeOf<number[][][][]>()
  expectTypeOf(await extract('a', { returnTensors: true })).toEqualTypeOf<Floats>()
  expectTypeOf(await extract(['a'], { pooling: 'mean' })).toEqualTypeOf<Floats>()

  const embed = await pipeline('feature-extraction', 'org/name', { pooling: 'cls', normalize: true })
  expectTypeOf(await embed('a')).toEqualTypeOf<Floats>()
  expectTypeOf(await embed(['a'])).toEqualTypeOf<Floats>()
  expectTypeOf(embed(new Set(['a']))).toEqualTypeOf<AsyncGenerator<Floats>>()
})

test('fill-mask and zero-shot-classification', async () => {
  const fill = await pipeline('fill-mask', 'org/name')
  expectTypeOf(await fill('a [MASK]')).toEqualTypeOf<MaskFilling[] | MaskFilling[][]>()
  const classify = await pipeline('zero-shot-classification', 'org/name')
  expectTypeOf(await classify('a', { candidateLabels: ['b'] })).toEqualTypeOf<ZeroShotResult>()
  expectTypeOf(await classify(['a'], { candidateLabels: ['b'] })).toEqualTypeOf<ZeroShotResult[]>()
})

test('text-generation', async () => {
  const generate = await pipeline('text-generation', 'org/name', { maxNewTokens: 64, device: 'wasm' })
  expectTypeOf(await generate('a')).toEqualTypeOf<GeneratedText[]>()
  expectTypeOf(await generate(['a', 'b'], { batchSize: 2 })).toEqualTypeOf<GeneratedText[][]>()
  const chat: Chat = [{ role: 'user', content: 'a' }]
  const [answer] = await generate(chat, { topP: 0.9, tools: [{}] })
  expectTypeOf(answer!.generated_text).toEqualTypeOf<ChatMessage[]>()
  expectTypeOf(answer!.generated_text.at(-1)!.tool_calls).toEqualTypeOf<readonly ToolCall[] | undefined>()
  expectTypeOf(await generate([{ role: 'user', content: 'a' }])).toEqualTypeOf<GeneratedChat[]>()
  expectTypeOf(await generate([chat, chat])).toEqualTypeOf<GeneratedChat[][]>()
  expectTypeOf(await generate(chat, { returnFullText: false })).toEqualTypeOf<GeneratedText[]>()
  expectTypeOf(await generate('a', { returnTensors: true })).toEqualTypeOf<GeneratedTokens[]>()
  expectTypeOf(generate(new Set(['a']))).toEqualTypeOf<AsyncGenerator<GeneratedText[]>>()
  expectTypeOf(generate.stream(chat, { maxNewTokens: 8 })).toEqualTypeOf<AsyncGenerator<string, void>>()
  // @ts-expect-error Python's spelling
  await generate('a', { max_new_tokens: 2 })
  // @ts-expect-error a message without a role
  await generate([{ content: 'a' }])
  const [more] = await generate('a', { returnDictInGenerate: true, outputScores: true })
  expectTypeOf(more?.scores).toEqualTypeOf<number[][] | undefined>()

  const classify = await pipeline('text-classification', 'org/name')
  expectTypeOf(classify.stream).toEqualTypeOf<undefined>()
})

test('tasks that make one text of another', async () => {
  const summarize = await pipeline('summarization', 'org/name')
  expectTypeOf(await summarize('a')).toEqualTypeOf<GeneratedSummary[]>()
  expectTypeOf(await summarize(['a'])).toEqualTypeOf<GeneratedSummary[]>()
  expectTypeOf(await summarize(['a'], { numReturnSequences: 2 })).toEqualTypeOf<GeneratedSummary[][]>()
  const rewrite = await pipeline('text2text-generation', 'org/name')
  expectTypeOf(await rewrite('a')).toEqualTypeOf<{ generated_text: string }[]>()
  // @ts-expect-error an option of generate() that gives more than texts
  await rewrite('a', { returnDictInGenerate: true })

  const translate = await pipeline('translation_en_to_de', 'org/name', { srcLang: 'eng_Latn' })
  expectTypeOf(translate.task).toEqualTypeOf<'translation'>()
  expectTypeOf(await translate(['a'], { tgtLang: 'deu_Latn' })).toEqualTypeOf<TranslatedText[]>()
  expectTypeOf(await translate('a', { returnTensors: true })).toEqualTypeOf<
    { translation_token_ids: number[] }[]
  >()
  // @ts-expect-error languages are of translations
  await summarize('a', { srcLang: 'en' })
})

test('exported graphs: their precision, and a cache that goes round', async () => {
  const model = await AutoModelForCausalLM.fromPretrained('org/name', { dtype: 'q4f16', fromOnnx: true })
  const { logits, past_key_values } = await model({ input_ids: [1] })
  expectTypeOf(logits).toEqualTypeOf<Floats>()
  expectTypeOf(past_key_values).toEqualTypeOf<PastKeyValues | undefined>()
  await model({ input_ids: [2], past_key_values })
  // @ts-expect-error no such precision
  await AutoModelForCausalLM.fromPretrained('org/name', { dtype: 'q3' })

  const dtype = { encoder_model: 'fp32', decoder_model_merged: 'q4' } as const
  const pair = await AutoModelForSeq2SeqLM.fromPretrained('org/name', { dtype })
  const { encoder_last_hidden_state } = await pair({ input_ids: [1], decoder_input_ids: [0] })
  expectTypeOf(encoder_last_hidden_state).toEqualTypeOf<Floats>()
  await pair({ decoder_input_ids: [1], encoder_outputs: { last_hidden_state: encoder_last_hidden_state } })
  expectTypeOf(pair.dtype).toEqualTypeOf<Precision | ExportedPrecision>()
})

test('models are saved, pushed and written as ONNX', async () => {
  const model = await AutoModel.fromPretrained('org/name')
  const directory = {} as FileSystemDirectoryHandle
  expectTypeOf(
    await model.savePretrained(directory, { dtype: 'bf16', maxShardSize: '200MB', variant: 'bf16' }),
  ).toEqualTypeOf<string[]>()
  await model.savePretrained('indexeddb://my-model', {
    maxShardSize: 5e9,
    onProgress: ({ totals }) => totals.rate,
  })
  // @ts-expect-error weights are saved in floating point
  await model.savePretrained('my-model.zip', { dtype: 'int8' })
  const files = await model.toFiles()
  expectTypeOf(files).toEqualTypeOf<Record<string, Blob>>()
  expectTypeOf(await zipFiles(files)).toEqualTypeOf<Blob>()
  expectTypeOf(await model.toOnnx({ dtype: 'fp16', outputs: ['last_hidden_state'] })).toEqualTypeOf<Blob>()
  const pushed = await model.pushToHub('me/mine', {
    token: 'hf_…',
    private: true,
    createPr: true,
    branch: 'dev',
  })
  expectTypeOf(pushed).toEqualTypeOf<Pushed>()
  const tokenizer = await AutoTokenizer.fromPretrained('org/name')
  expectTypeOf(await tokenizer.pushToHub('me/mine')).toEqualTypeOf<Pushed>()
  const config = await AutoConfig.fromPretrained('org/name')
  expectTypeOf(await config.savePretrained(directory)).toEqualTypeOf<string[]>()
})

test('a pipeline is freed at the end of its block', async () => {
  await using classify = await pipeline('text-classification')
  expectTypeOf(classify).toExtend<AsyncDisposable>()
  // @ts-expect-error no such task
  await pipeline('text-to-soup')
})
