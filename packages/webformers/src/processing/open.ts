/** @file Processors opened from repositories. */
import type { FileOptions, Repository } from '@webformers/hub'
import { AutoFeatureExtractor, AutoImageProcessor } from '@webformers/processors'
import { AutoTokenizer } from '@webformers/tokenizers'
import { OptionError } from '../errors'
import { kindOf, kindOfModel, knownKinds } from './kinds'
import {
  joined,
  PROCESSOR_FILE,
  type Processor,
  type ProcessorConfig,
  type ProcessorKind,
  type ProcessorParts,
} from './processor'

const openers = {
  tokenizer: AutoTokenizer,
  imageProcessor: AutoImageProcessor,
  featureExtractor: AutoFeatureExtractor,
} as const satisfies Record<keyof ProcessorParts, unknown>

/** @param name the class that is asked for; without one the files say which
 * @throws {OptionError} when they name none that is known */
export async function openProcessor(
  repository: Repository,
  options: FileOptions,
  name?: string,
): Promise<Processor> {
  const kind = name === undefined ? await kindIn(repository) : kindOf(name)!
  const parts = kind.parts.map(
    async (part) => [part, await openers[part].fromPretrained(repository, options)] as const,
  )
  const opened = Object.fromEntries(await Promise.all(parts)) as unknown as ProcessorParts
  return joined(kind, opened, kind.config && (await configIn(repository)), await keptIn(repository, kind))
}

async function keptIn(repository: Repository, { keeps = [] }: ProcessorKind): Promise<Record<string, Blob>> {
  const kept: Record<string, Blob> = {}
  for (const path of keeps) if (await repository.has(path)) kept[path] = await repository.file(path)
  return kept
}

/** What the processor is told besides its parts: processor_config.json, and the tokens with a name of the tokenizer's own. */
async function configIn(repository: Repository): Promise<ProcessorConfig> {
  const read = async (path: string): Promise<ProcessorConfig> =>
    (await repository.has(path)) ? await repository.json<ProcessorConfig>(path) : {}
  const { extra_special_tokens: tokens } = await read('tokenizer_config.json')
  return { ...(tokens as object | undefined), ...(await read(PROCESSOR_FILE)) }
}

/** Where Python looks, in its order. */
const FILES = [PROCESSOR_FILE, 'preprocessor_config.json', 'tokenizer_config.json', 'config.json']

async function kindIn(repository: Repository): Promise<ProcessorKind> {
  let model = ''
  for (const path of FILES) {
    if (!(await repository.has(path))) continue
    const json = await repository.json<{ processor_class?: unknown; model_type?: unknown }>(path)
    if (typeof json.processor_class === 'string') {
      const kind = kindOf(json.processor_class)
      if (kind) return kind
      throw new OptionError(
        `${path} of ${repository.name} names the processor "${json.processor_class}". Known: ${knownKinds().join(', ')}. ` +
          'Open its parts by themselves: AutoTokenizer, AutoImageProcessor, AutoFeatureExtractor.',
      )
    }
    if (path === 'config.json') model = String(json.model_type)
  }
  const kind = kindOfModel(model)
  if (kind) return kind
  throw new OptionError(
    `${repository.name} names no processor, and none goes with its model_type "${model}". Known: ${knownKinds().join(', ')}.`,
  )
}
