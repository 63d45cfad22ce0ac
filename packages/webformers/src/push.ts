/** @file Models to the Hub, with a card that says what they are and were made from. */
import {
  countOf,
  inheritedLines,
  modelCard,
  type Pushed,
  type PushOptions,
  pushFiles,
  type Repository,
} from '@webformers/hub'
import type { Head } from '@webformers/models'
import { className } from './config-file'
import { type ModelFilesOptions, modelFiles, type SavableModel } from './save'

export interface PushModelOptions extends PushOptions, ModelFilesOptions {}

/** What the Hub calls the tasks of heads. */
const tasks: Partial<Record<Head, string>> = {
  Model: 'feature-extraction',
  ForMaskedLM: 'fill-mask',
  ForSequenceClassification: 'text-classification',
  ForTokenClassification: 'token-classification',
  ForQuestionAnswering: 'question-answering',
  ForMultipleChoice: 'multiple-choice',
  ForCausalLM: 'text-generation',
  ForImageClassification: 'image-classification',
}

/** What Python's Auto classes are called where the head is called otherwise. */
const autoClasses: Partial<Record<Head, string>> = {
  Model: 'AutoModel',
  EncoderModel: 'AutoModelForTextEncoding',
  ForConditionalGeneration: 'AutoModelForSeq2SeqLM',
}

/** @throws {PushToHubError} */
export async function pushModel(
  model: SavableModel,
  repository: string,
  options: PushModelOptions = {},
): Promise<Pushed> {
  const { head, policy, configured, repository: source } = model
  const { config } = configured
  const what = className(config, head) ?? head
  const commitMessage = options.commitMessage ?? `Upload ${what}`
  const files = await modelFiles(model, options)
  const { dtype } = JSON.parse(await files['config.json']!.text())
  return pushFiles(repository, files, { ...options, commitMessage }, async (name) =>
    modelCard({
      repository: name,
      what,
      autoClass: autoClasses[head] ?? `Auto${head.replace('For', 'ModelFor')}`,
      source: sourceOf(source),
      parameters: policy.parameters.reduce((sum, { shape }) => sum + countOf(shape), 0),
      dtype,
      modelType: config.model_type,
      pipelineTag: tasks[head],
      inherited: await inheritedFrom(source, options),
    }),
  )
}

const sourceOf = ({ name, commit }: Repository) => ({ name, commit, onHub: commit !== undefined })

/** A copy of weights has their license; where that can't be read, the card says nothing of it. */
async function inheritedFrom(source: Repository, { signal }: PushOptions): Promise<string[]> {
  try {
    return (await source.has('README.md', { signal }))
      ? inheritedLines(await source.text('README.md', { signal }))
      : []
  } catch {
    signal?.throwIfAborted()
    return []
  }
}
