/** @file `AutoTokenizer`: the tokenizer of a repository, or of files one has. */
import {
  type FileOptions,
  openRepository,
  type Repository,
  readGgufMetadata,
  type Source,
} from '@webformers/hub'
import { compile, compileHere } from '../compiler/compile'
import { unpack } from '../compiler/pack'
import { assemble, type Blueprint } from './assemble'
import { furtherTemplates } from './chat-template'
import type { TokenizerConfig, TokenizerFiles } from './files'
import { type InitOptions, overridesOf } from './init-options'
import { decodingOf } from './own-decoding'
import { type PreTrainedTokenizer, PreTrainedTokenizerMethods } from './pretrained-tokenizer'

export const AutoTokenizer = {
  /**
   * The tokenizer of a repository: a name on the Hub, a URL, or a picked directory. Like
   * `AutoTokenizer.from_pretrained` in Python.
   * @example
   * const tokenizer = await AutoTokenizer.fromPretrained('sentence-transformers/all-MiniLM-L6-v2')
   * tokenizer('I love it').input_ids // [101, 1045, 2293, 2009, 102]
   * await AutoTokenizer.fromPretrained('FacebookAI/roberta-base', { addPrefixSpace: true, paddingSide: 'left' })
   * await AutoTokenizer.fromPretrained(repo, { ggufFile: 'model.Q4_K_M.gguf' }) // with its chat template
   * @throws {RepositoryNotFoundError} when there is no such repository.
   * @throws {TokenizerError} when its files make no tokenizer.
   * @throws {UnsupportedCheckpointError} when the GGUF file is of an architecture whose tokenizer is not read from there.
   */
  async fromPretrained(
    source: Source | Repository,
    options: TokenizerOptions = {},
  ): Promise<PreTrainedTokenizer> {
    const repository = isRepository(source) ? source : await openRepository(source, options)
    const overrides = overridesOf(options)
    const { ggufFile } = options
    const blobs = await (ggufFile === undefined
      ? vocabularyBlobs(repository, overrides)
      : ggufBlobs(repository, ggufFile))
    // Another setting is another tokenizer: each has its compiled form.
    const given = { ...overrides, ggufFile }
    const name = JSON.stringify(given) === '{}' ? COMPILED : `${COMPILED} ${JSON.stringify(given)}`
    const packed = await repository.derived(name, Object.keys(blobs), () =>
      compile({ blobs, overrides }, options.signal),
    )
    return opened(await unpack(packed))
  },

  /**
   * The tokenizer that files make, without any network: JSON files parsed, `.model` and `.spm` files as
   * bytes, the others as text.
   * @example
   * await AutoTokenizer.fromFiles({ 'vocab.txt': lines, 'tokenizer_config.json': { tokenizer_class: 'BertTokenizer' } })
   * @throws {TokenizerError} when the files make no tokenizer.
   */
  async fromFiles(files: TokenizerFiles, options: InitOptions = {}): Promise<PreTrainedTokenizer> {
    return opened(await compileHere(files, overridesOf(options)))
  },
}

/** What `AutoTokenizer.fromPretrained` takes. */
export interface TokenizerOptions extends FileOptions, InitOptions {
  /** Take the tokenizer in this GGUF file, and no other of the repository. Like `gguf_file` in Python. */
  ggufFile?: string
}

async function opened(blueprint: Blueprint): Promise<PreTrainedTokenizer> {
  const ownDecoding = await decodingOf(blueprint.config.tokenizer_class)
  return PreTrainedTokenizerMethods.callable({ ...assemble(blueprint), ...(ownDecoding && { ownDecoding }) })
}

const isRepository = (source: Source | Repository): source is Repository =>
  typeof source === 'object' && 'has' in source && 'json' in source

/** What is kept of a repository's files once they are compiled; another number for another form of it. */
const COMPILED = 'tokenizer, form 3'

const FIRST_FILES = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'config.json',
  'chat_template.jinja',
] as const

/** Of a GGUF file what comes before the tensors. */
async function ggufBlobs(repository: Repository, path: string): Promise<Record<string, Blob>> {
  const file = await repository.file(path)
  const { end } = await readGgufMetadata(path, file)
  return { [path]: file.slice(0, end) }
}

/** A repository with a tokenizer.json has all in it, for most classes; only one without is asked for bare vocabularies. */
async function vocabularyBlobs(
  repository: Repository,
  overrides: TokenizerConfig,
): Promise<Record<string, Blob>> {
  const blobs: Record<string, Blob> = {}
  const take = async (path: string) => {
    if (await repository.has(path)) blobs[path] = await repository.file(path)
  }
  await Promise.all(FIRST_FILES.map(take))
  // A configuration of a megabyte is parsed where it is compiled; here a look at its text will do.
  const texts = await Promise.all([blobs['tokenizer_config.json']?.text(), blobs['config.json']?.text()])
  const config = `${texts.join(' ')} ${JSON.stringify(overrides)}`
  const vocabulary =
    blobs['tokenizer.json'] === undefined || MAY_PREFER_VOCABULARY.test(config)
      ? await vocabularyFiles(repository, blobs, overrides)
      : []
  const templates = furtherTemplates('chat_template.jinja' in blobs, config.includes('"chat_template"'))
  await Promise.all([...vocabulary, ...templates].map(take))
  return blobs
}

/** Of a few classes that turn to their vocabulary though there is a tokenizer.json; which ones, they know themselves. */
const MAY_PREFER_VOCABULARY = /"add_prefix_space"|"Pegasus|"Marian|"M2M100|"marian"|"m2m_100"/

async function vocabularyFiles(
  repository: Repository,
  blobs: Readonly<Record<string, Blob>>,
  overrides: TokenizerConfig,
): Promise<readonly string[]> {
  const { classOf, vocabularyOf } = await import('../compiler/tokenizer-classes')
  const files: Record<string, unknown> = {}
  for (const path of ['tokenizer_config.json', 'config.json'])
    if (blobs[path] !== undefined) files[path] = await repository.json(path)
  const config = { ...(files as TokenizerFiles)['tokenizer_config.json'], ...overrides }
  return vocabularyOf(classOf(config, files), config, blobs['tokenizer.json'] !== undefined)
}
