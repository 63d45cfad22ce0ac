/** @file A tokenizer as files, the ones that Python's `save_pretrained` writes. */
import {
  finishCalmly,
  modelCard,
  type Pushed,
  type PushOptions,
  pushFiles,
  pythonJson,
  type SaveFilesOptions,
  type SaveTarget,
  saveFiles,
} from '@webformers/hub'
import { classOf, keepsVocabulary } from '../compiler/tokenizer-classes'
import { TokenizerError } from '../errors'
import { blobOf } from '../save/blob'
import { addedTokens, specialTokensMap, tokenizerConfig } from '../save/config-files'
import { hasTokenizerJson, vocabularyFiles } from '../save/model-json'
import { tokenizerJson } from '../save/tokenizer-json'
import type { Parts } from './assemble'
import type { ChatTemplate } from './chat-template'

/** What `savePretrained` takes. */
export type SaveOptions = SaveFilesOptions

/** @throws {TokenizerError} when a chat template's name can't be a file's. */
export async function savedFiles(parts: Parts, { signal }: SaveOptions): Promise<Record<string, Blob>> {
  const files: Record<string, Blob> = {}
  for (const [path, text] of Object.entries(texts(parts)))
    files[path] = await finishCalmly(blobOf(text), signal)
  return files
}

/**
 * @returns the paths of the files.
 * @throws {TokenizerError} when a chat template's name can't be a file's.
 * @throws {PermissionError} @throws {StorageFullError} @throws {SaveError}
 */
export async function save(parts: Parts, target: SaveTarget, options: SaveOptions): Promise<string[]> {
  return saveFiles(target, await savedFiles(parts, options), options)
}

/** @throws {PushToHubError} */
export async function push(parts: Parts, repository: string, options: PushOptions): Promise<Pushed> {
  const commitMessage = options.commitMessage ?? 'Upload tokenizer'
  const files = await savedFiles(parts, options)
  return pushFiles(repository, files, { ...options, commitMessage }, (name) =>
    modelCard({ repository: name, what: 'tokenizer', autoClass: 'AutoTokenizer' }),
  )
}

/** What the files say, by path; as it is now, though the longest ones are written bit by bit. */
function texts(parts: Parts): Record<string, Iterable<BlobPart>> {
  const { tokenizer, special, chatTemplate, languages } = parts
  const { compiled, vocabulary } = tokenizer
  const { model } = compiled
  const config = tokenizerConfig(parts)
  const kind = classOf({ tokenizer_class: config.tokenizer_class }, {})
  const slow = keepsVocabulary(kind) || !hasTokenizerJson(model)
  const decoder = (compiled.decoder && kind.savedDecoder?.(compiled.decoder)) ?? compiled.decoder
  const added = slow ? addedTokens(tokenizer) : undefined
  return {
    'tokenizer_config.json': pythonJson(config),
    'special_tokens_map.json': pythonJson(specialTokensMap(special)),
    ...templateFiles(chatTemplate),
    ...(added && { 'added_tokens.json': pythonJson(added) }),
    ...(slow && vocabularyFiles(model)),
    ...(languages && { 'vocab.json': pythonJson(languages) }),
    // Of several vocabularies it would have one.
    ...(!languages &&
      hasTokenizerJson(model) && {
        'tokenizer.json': tokenizerJson({ ...compiled, model, decoder }, vocabulary.tokens),
      }),
  }
}

function templateFiles(template: ChatTemplate = {}): Record<string, [string]> {
  const named = typeof template === 'string' ? { default: template } : template
  const files: Record<string, [string]> = {}
  for (const [name, text] of Object.entries(named)) {
    if (/[\\/]|^\.{0,2}$/.test(name)) {
      throw new TokenizerError(
        `The chat template ${JSON.stringify(name)} can't be saved: its name must be one that a file can have.`,
      )
    }
    files[name === 'default' ? 'chat_template.jinja' : `additional_chat_templates/${name}.jinja`] = [text]
  }
  return files
}
