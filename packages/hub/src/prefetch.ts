/** @file Loading a model into the cache ahead of its use, from a page or a service worker, and whether that has been done. */
import { FileCache } from './cache'
import { type CheckpointOptions, checkpointFiles } from './checkpoint-files'
import { FileNotFoundError, InvalidSourceError, OfflineError } from './errors'
import { type FileOptions, type Source, settle } from './options'
import { matchPatterns } from './patterns'
import { locate } from './place'
import { openRepository, openWith, type Repository } from './repository'
import { browserStores } from './stores'

export interface PrefetchOptions extends FileOptions, CheckpointOptions {
  /** Take these files only, e.g. `['*.json', 'onnx/model.onnx']`. Like `allow_patterns`. Default: what `fromPretrained` loads. */
  allowPatterns?: string | readonly string[]
  /** Leave these out. Like `ignore_patterns`. */
  ignorePatterns?: string | readonly string[]
}

/** What configurations, tokenizers and processors are read from. */
const SETTINGS = [
  'config.json',
  'generation_config.json',
  'preprocessor_config.json',
  'processor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.jinja',
  'chat_template.json',
  'additional_chat_templates/tool_use.jinja',
  'additional_chat_templates/rag.jinja',
  'vocab.txt',
  'vocab.json',
  'merges.txt',
  'spiece.model',
  'sentencepiece.bpe.model',
  'sentencepiece.model',
  'spm.model',
  'tokenizer.model',
]

/**
 * Download a model into the cache without loading it, so that `fromPretrained` needs no network later. Works in a service
 * worker too. Resolves to the paths that are cached now. Like `snapshot_download` in Python.
 * @example
 * self.addEventListener('install', (event) => event.waitUntil(prefetch('sentence-transformers/all-MiniLM-L6-v2')))
 * // ['config.json', 'tokenizer.json', …, 'model.safetensors']
 * @throws {RepositoryNotFoundError} @throws {RevisionNotFoundError} @throws {GatedRepositoryError} @throws {NetworkError}
 * @throws {FileNotFoundError} when there is no checkpoint we can read
 * @throws {ChecksumError} @throws {TruncatedFileError}
 */
export async function prefetch(
  source: Source,
  options: PrefetchOptions = {},
  open = openRepository,
): Promise<string[]> {
  const repository = await open(source, options)
  const { signal, allowPatterns, ignorePatterns } = options
  if (allowPatterns === undefined && ignorePatterns === undefined) return fetchModel(repository, options)
  const paths = await select(repository, asList(allowPatterns ?? '*'), asList(ignorePatterns ?? []))
  return Object.keys(await repository.files(paths, { signal }))
}

async function fetchModel(repository: Repository, options: PrefetchOptions): Promise<string[]> {
  const { signal } = options
  const there = await Promise.all(SETTINGS.map((path) => repository.has(path, { signal })))
  const settings = await repository.files(
    SETTINGS.filter((_, i) => there[i]),
    { signal },
  )
  return [...Object.keys(settings), ...Object.keys(await checkpointFiles(repository, options))]
}

async function select(repository: Repository, allowed: readonly string[], ignored: readonly string[]) {
  const listed = await repository.list()
  const open = allowed.filter((pattern) => /[*?[]|\/$/.test(pattern))
  if (!listed && open.length > 0)
    throw new InvalidSourceError(
      `"${open[0]}" cannot be matched: ${repository.name} is a folder of a web server, which lists no files. Give full paths.`,
    )
  const paths = listed ? listed.filter((path) => matchPatterns(path, allowed)) : allowed
  return paths.filter((path) => !matchPatterns(path, ignored))
}

const asList = (patterns: string | readonly string[]) =>
  typeof patterns === 'string' ? [patterns] : patterns

/** To look whether something is there is not to use it. */
const openUnnoticed: typeof openRepository = (source, options = {}) => {
  const files = Object.assign(new FileCache(browserStores()), { keepUse: async () => {} })
  return openWith(files, source, settle(options))
}

/**
 * Whether a file of a revision is in the cache, or without a path, all that `fromPretrained` loads. No request is made.
 * Like `try_to_load_from_cache` in Python.
 * @example
 * await isCached('sentence-transformers/all-MiniLM-L6-v2') // true
 * await isCached('sentence-transformers/all-MiniLM-L6-v2', 'onnx/model.onnx') // false
 */
export async function isCached(
  source: Source,
  path?: string,
  options: Pick<FileOptions, 'revision' | 'subfolder' | 'endpoint'> & CheckpointOptions = {},
  open = openUnnoticed,
): Promise<boolean> {
  if (locate(source, settle(options)).key === undefined) return false
  const offline: FileOptions = { ...options, cache: true, localFilesOnly: true }
  try {
    if (path === undefined) await prefetch(source, offline, open)
    else await (await open(source, offline)).file(path)
    return true
  } catch (error) {
    if (error instanceof OfflineError || error instanceof FileNotFoundError) return false
    throw error
  }
}
