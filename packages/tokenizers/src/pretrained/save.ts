/** @file A tokenizer as files, the ones that Python's `save_pretrained` writes. */
import { PermissionError, pythonJson } from '@webformers/hub'
import { classOf, keepsVocabulary } from '../compiler/tokenizer-classes'
import { TokenizerError } from '../errors'
import { blobOf } from '../save/blob'
import { addedTokens, specialTokensMap, tokenizerConfig } from '../save/config-files'
import { vocabularyFiles } from '../save/model-json'

import { tokenizerJson } from '../save/tokenizer-json'
import { finishCalmly } from '../steps'
import type { Parts } from './assemble'
import type { ChatTemplate } from './chat-template'

export interface SaveOptions {
  signal?: AbortSignal
}

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
 * @throws {PermissionError} when the page may not write there.
 */
export async function save(
  parts: Parts,
  directory: FileSystemDirectoryHandle,
  options: SaveOptions,
): Promise<string[]> {
  const files = await savedFiles(parts, options)
  try {
    for (const [path, blob] of Object.entries(files)) {
      options.signal?.throwIfAborted()
      const writable = await (await createFile(directory, path)).createWritable()
      await writable.write(blob)
      await writable.close()
    }
  } catch (cause) {
    if (!(cause instanceof DOMException) || cause.name !== 'NotAllowedError') throw cause
    throw new PermissionError(
      `The page may not write in the directory "${directory.name}". ` +
        "Call its requestPermission({ mode: 'readwrite' }) in a click, or let the user pick it again.",
      { cause },
    )
  }
  return Object.keys(files)
}

async function createFile(directory: FileSystemDirectoryHandle, path: string): Promise<FileSystemFileHandle> {
  const folders = path.split('/')
  const name = folders.pop()!
  let folder = directory
  for (const part of folders) folder = await folder.getDirectoryHandle(part, { create: true })
  return folder.getFileHandle(name, { create: true })
}

/** What the files say, by path; as it is now, though the longest ones are written bit by bit. */
function texts(parts: Parts): Record<string, Iterable<string>> {
  const { tokenizer, special, chatTemplate } = parts
  const { compiled, vocabulary } = tokenizer
  const config = tokenizerConfig(parts)
  const kind = classOf({ tokenizer_class: config.tokenizer_class }, {})
  const slow = keepsVocabulary(kind)
  const decoder = (compiled.decoder && kind.savedDecoder?.(compiled.decoder)) ?? compiled.decoder
  const added = slow ? addedTokens(tokenizer) : undefined
  return {
    'tokenizer_config.json': pythonJson(config),
    'special_tokens_map.json': pythonJson(specialTokensMap(special)),
    ...templateFiles(chatTemplate),
    ...(added && { 'added_tokens.json': pythonJson(added) }),
    ...(slow && vocabularyFiles(compiled.model)),
    'tokenizer.json': tokenizerJson({ ...compiled, decoder }, vocabulary.tokens),
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
