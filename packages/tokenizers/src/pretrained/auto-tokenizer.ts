/** @file `AutoTokenizer`: the tokenizer of a repository, or of files one has. */
import { type FileOptions, openRepository, type Repository, type Source } from '@webformers/hub'
import { finish, finishCalmly } from '../steps'
import { furtherTemplates } from './chat-template'
import type { TokenizerFiles } from './files'
import { load } from './load'
import { type PreTrainedTokenizer, PreTrainedTokenizerMethods } from './pretrained-tokenizer'
import { classOf, vocabularyOf } from './tokenizer-classes'

export const AutoTokenizer = {
  /**
   * The tokenizer of a repository: a name on the Hub, a URL, or a picked directory. Like
   * `AutoTokenizer.from_pretrained` in Python.
   * @example
   * const tokenizer = await AutoTokenizer.fromPretrained('sentence-transformers/all-MiniLM-L6-v2')
   * tokenizer('I love it').input_ids // [101, 1045, 2293, 2009, 102]
   * @throws {RepositoryNotFoundError} when there is no such repository.
   * @throws {TokenizerError} when its files make no tokenizer.
   */
  async fromPretrained(source: Source | Repository, options: FileOptions = {}): Promise<PreTrainedTokenizer> {
    const repository = isRepository(source) ? source : await openRepository(source, options)
    return PreTrainedTokenizerMethods.callable(await finishCalmly(load(await read(repository))))
  },

  /**
   * The tokenizer that files make, without any network: JSON files parsed, `.model` files as bytes, the others
   * as text.
   * @example
   * AutoTokenizer.fromFiles({ 'vocab.txt': lines, 'tokenizer_config.json': { tokenizer_class: 'BertTokenizer' } })
   * @throws {TokenizerError} when the files make no tokenizer.
   */
  fromFiles(files: TokenizerFiles): PreTrainedTokenizer {
    return PreTrainedTokenizerMethods.callable(finish(load(files)))
  },
}

const isRepository = (source: Source | Repository): source is Repository =>
  typeof source === 'object' && 'has' in source && 'json' in source

const FIRST_FILES = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'config.json',
  'chat_template.jinja',
] as const

/** A repository with a tokenizer.json has all in it, for most classes; only one without is asked for bare vocabularies. */
async function read(repository: Repository): Promise<TokenizerFiles> {
  const files: Record<string, unknown> = {}
  const take = async (path: string) => {
    if (await repository.has(path)) files[path] = await readFile(repository, path)
  }
  await Promise.all(FIRST_FILES.map(take))
  const { 'tokenizer_config.json': config = {} } = files as TokenizerFiles
  const kind = classOf(config, files)
  const vocabulary = vocabularyOf(kind, config, files['tokenizer.json'] !== undefined)
  await Promise.all([...vocabulary, ...furtherTemplates(files)].map(take))
  return files
}

async function readFile(repository: Repository, path: string): Promise<unknown> {
  if (path.endsWith('.json')) return repository.json(path)
  if (path.endsWith('.model')) return new Uint8Array(await (await repository.file(path)).arrayBuffer())
  return repository.text(path)
}
