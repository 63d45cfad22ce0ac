/** @file Image processors opened from repositories. */
import type { Repository } from '@webformers/hub'
import { type Json, plain, readConfigFile } from '../config-file'
import { definitionOf, definitionOfModel, definitions, type ImageProcessorName } from './classes'
import type { ImageProcessorDefinition } from './definition'
import { ImageProcessorError } from './errors'
import { type ImageProcessor, ImageProcessorMethods } from './image-processor'
import { settleConfig } from './settle-config'

/**
 * @param changes keys that count more than the file's.
 * @param name the class that is asked for; without one the files say which.
 * @throws {FileNotFoundError} @throws {CorruptFileError}
 * @throws {ImageProcessorError} when nobody here knows the class, or the configuration makes no sense.
 */
export async function openImageProcessor(
  repository: Repository,
  changes: Json = {},
  name?: ImageProcessorName,
): Promise<ImageProcessor> {
  const written = await readConfigFile(repository, 'image_processor')
  const json = { ...(plain(written) as Json), ...changes }
  const definition = name === undefined ? await chosen(json, repository) : definitions[name]
  return ImageProcessorMethods.callable({ definition, config: settleConfig(definition, json), written })
}

/** A processor without any file. @throws {ImageProcessorError} when its configuration makes no sense. */
export function createImageProcessor(name: ImageProcessorName, config: Json): ImageProcessor {
  const definition = definitions[name]
  return ImageProcessorMethods.callable({ definition, config: settleConfig(definition, config), written: {} })
}

const isString = (value: unknown): value is string => typeof value === 'string'

/** What the file says, by today's name or an older one, else what config.json says, else what its `model_type` goes with. */
async function chosen(json: Json, repository: Repository): Promise<ImageProcessorDefinition> {
  const inFile = [json.image_processor_type, json.feature_extractor_type].find(isString)
  const { image_processor_type, model_type } =
    inFile === undefined && (await repository.has('config.json'))
      ? await repository.json<Json>('config.json')
      : {}
  const named = inFile ?? (isString(image_processor_type) ? image_processor_type : undefined)
  const found = named === undefined ? definitionOfModel(model_type) : definitionOf(named)
  if (found) return found
  const what =
    named === undefined
      ? `that goes with the model_type ${JSON.stringify(model_type)}`
      : JSON.stringify(named)
  throw new ImageProcessorError(
    `Nobody here knows the image processor ${what}, which ${repository.name} asks for. Known: ${Object.keys(definitions).join(', ')}.`,
  )
}
