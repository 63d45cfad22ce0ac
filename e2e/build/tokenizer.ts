/** @file The journey every build has to make with a large tokenizer: compiled in the worker, kept, equal to Rust. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright'
import { expect } from 'vitest'
import { enlarged } from '../../packages/tokenizers/src/testing/enlarged'

const fixtures = fileURLToPath(new URL('../../packages/tokenizers/fixtures', import.meta.url))
const readJson = async (path: string) => JSON.parse(await readFile(join(fixtures, path), 'utf8'))

/** What a page is served with, so that it can tell that no file has changed. */
export const unchanged = { ETag: '"1"' }

/** Put a tokenizer that is compiled in the worker where a page can read it, at `tokenizer/`. */
export async function copyTokenizer(site: string) {
  const folder = join(site, 'tokenizer')
  await mkdir(folder, { recursive: true })
  const write = (name: string, content: unknown) => writeFile(join(folder, name), JSON.stringify(content))
  await write('tokenizer.json', enlarged(await readJson('bert-uncased/tokenizer.json')))
  await write('tokenizer_config.json', await readJson('bert-uncased/tokenizer_config.json'))
}

/**
 * Open the tokenizer that lies beside the page with the library in `globalThis.library`, and compare ids, tokens and offsets
 * with what the Rust library gave.
 * @returns the addresses of the workers that were started meanwhile.
 */
export async function expectRightTokens(page: Page): Promise<string[]> {
  const workers: string[] = []
  page.on('worker', (worker) => workers.push(worker.url()))
  const { full } = await readJson('bert-uncased/answers.json')
  const lines = (await readJson('lines.json')).slice(0, full.length)
  const expected = full.map(([ids, tokens, offsets]: unknown[]) => [ids, tokens, offsets])
  expect(await page.evaluate(tokenize, lines)).toEqual(expected)
  return workers
}

/** Runs in the page. */
async function tokenize(lines: string[]) {
  const { library } = globalThis as unknown as { library: typeof import('@webformers/tokenizers') }
  const tokenizer = await library.AutoTokenizer.fromPretrained(new URL('tokenizer/', location.href))
  return lines.map((line) => {
    const encoding = tokenizer(line, { returnOffsetsMapping: true })
    return [encoding.input_ids, encoding.tokens(), encoding.offset_mapping]
  })
}
