/** @file What every model that writes text can do: generate, at once or token by token. */
import type { Repository } from '@webformers/hub'
import type { ModelInputs } from '../inputs'
import type { Programs } from '../programs'
import type { Tensor } from '../tensor'
import type { GenerateOptions } from './call'
import type { GenerationConfig } from './configuration'
import type { GenerateOutput } from './outputs'
import type { StreamOptions, TextStreamOptions } from './stream'
import type { SpeechGenerateOptions } from './whisper/options'

export interface ModelGeneration {
  /** Go on from prompts. Like `generate` in Python, with every key of its `GenerationConfig` as an option.
   * @param inputs what a tokenizer gave, padded on the left where there are several; of an encoder-decoder, what is to be answered
   * @returns prompts and what follows, [batch × numReturnSequences, longest], padded with `padTokenId`
   * @example
   * const sequences = await model.generate(tokenizer('The capital of France is'), { maxNewTokens: 5 })
   * tokenizer.decode(sequences) // 'The capital of France is Paris. The city of'
   * const { scores } = await model.generate(inputs, { numBeams: 4, returnDictInGenerate: true, outputScores: true })
   * const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
   * await model.generate(inputs, { tokenizer, maxNewTokens: 64, responseFormat: { type: 'json_schema', schema } })
   * @throws {OptionError} when an option is unknown, can't be acted on or makes no sense; it names it
   * @throws {InputError} @throws {IndexOutOfRangeError} @throws {SequenceTooLongError}
   * @throws {ResponseFormatError} when responseFormat can't be read, has what can't be enforced, or nothing can meet it
   * @throws {WorkerDiedError} @throws {DeviceLostError} with `sequences`, what there was so far; the next call loads the model again
   * @throws {FrozenModelError} when the model came as an exported graph
   */
  generate(
    inputs: ModelInputs,
    options: GenerateOptions & { returnDictInGenerate: true },
  ): Promise<GenerateOutput>
  /** Of a model of speech: sounds of any length, segment by segment. Like Whisper's `generate` in Python.
   * @param inputs `input_features` as a feature extractor gives them, and `attention_mask` where it gives one
   * @returns what was said, without what the decoder begins with
   * @example
   * const { segments } = await model.generate(inputs, { language: 'en', returnTimestamps: true, returnSegments: true })
   * segments[0][0] // { start: 0, end: 5.44, tokens: Int32Array [50364, …], idxs: [3, 28], result: … }
   * @throws {OptionError} when the model does not know a language or a task, or its file lacks what an option needs
   */
  generate(
    inputs: ModelInputs,
    options: SpeechGenerateOptions &
      ({ returnDictInGenerate: true } | { returnSegments: true } | { returnTokenTimestamps: true }),
  ): Promise<GenerateOutput>
  generate(inputs: ModelInputs, options?: GenerateOptions | SpeechGenerateOptions): Promise<Tensor<'int32'>>
  /** The same as it comes: text where there is a tokenizer, else tokens, one for each prompt. To leave the loop ends it.
   * @example
   * for await (const text of model.stream(inputs, { tokenizer, maxNewTokens: 64, signal })) answer.textContent += text
   * for await (const tokens of model.stream(inputs)) console.log(tokens) // Int32Array [12366]
   * @throws {OptionError} when beams are asked for, or texts of several prompts, and all that `generate` throws
   */
  stream(inputs: ModelInputs, options: TextStreamOptions): AsyncGenerator<string, void>
  stream(inputs: ModelInputs, options?: StreamOptions): AsyncGenerator<Int32Array, void>
  /** The score of each token that was made, [sequences, tokens]; 0 after a beam's end. Like `compute_transition_scores` in Python.
   * @param options `normalizeLogits` makes logarithms of probabilities of the scores first
   * @example
   * const output = await model.generate(inputs, { maxNewTokens: 3, returnDictInGenerate: true, outputScores: true })
   * const { data } = await model.computeTransitionScores(output, { normalizeLogits: true }) // Float32Array [-1.41, -1.4, -2.01]
   * @throws {InputError} when the output has no scores
   */
  computeTransitionScores(
    output: GenerateOutput,
    options?: { normalizeLogits?: boolean },
  ): Promise<Tensor<'float32'>>
  /** How the model generates where no call says otherwise. Like `generation_config` in Python.
   * @example
   * (await model.getGenerationConfig()).eos_token_id // 2
   */
  getGenerationConfig(): Promise<GenerationConfig>
}

export function generationOf(model: Programs, repository: Repository): ModelGeneration {
  const generate = async (inputs: ModelInputs, options: GenerateOptions | SpeechGenerateOptions = {}) =>
    (await import('./generate')).generate(model, repository, inputs, options)
  async function* stream(inputs: ModelInputs, options: StreamOptions | TextStreamOptions = {}) {
    yield* (await import('./stream')).stream(model, repository, inputs, options)
  }
  const computeTransitionScores: ModelGeneration['computeTransitionScores'] = async (output, options) =>
    (await import('./transition-scores')).computeTransitionScores(output, options)
  const getGenerationConfig = async () => (await import('./own-config')).ownConfig(model, repository)
  return { generate, stream, computeTransitionScores, getGenerationConfig } as ModelGeneration
}
