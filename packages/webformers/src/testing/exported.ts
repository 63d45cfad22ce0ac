/** @file For tests in a browser: recorded repositories of exported graphs, as Vite serves them. */
import recorded from '../../fixtures/exported/recorded.json'
import { fixtures } from './browser'
import type { HubFiles } from './hub'

const urls = import.meta.glob<string>('../../fixtures/exported/*/**/*', {
  query: '?url',
  import: 'default',
  eager: true,
})

const words = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'vocab.txt']

/** The repositories, `exported/bert-stars` with the tokenizer that it shares with `tiny/bert-stars`. */
export const exportedFixtures: HubFiles = {
  ...Object.fromEntries(
    Object.entries(urls).map(([path, url]) => [
      path.slice('../../fixtures/'.length),
      async () => (await fetch(url)).blob(),
    ]),
  ),
  ...Object.fromEntries(
    words.map((file) => [`exported/bert-stars/${file}`, fixtures[`tiny/bert-stars/${file}`]!]),
  ),
}

/** What Python computed of them. */
export const exportedTruth = recorded
