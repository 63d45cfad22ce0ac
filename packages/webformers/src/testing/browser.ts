/** @file For tests in a browser: the recorded repositories, as Vite serves them. */
import type { HubFiles } from './hub'

const urls = import.meta.glob<string>('../../fixtures/tiny/*/*', {
  query: '?url',
  import: 'default',
  eager: true,
})

export const fixtures: HubFiles = Object.fromEntries(
  Object.entries(urls).map(([path, url]) => [
    path.slice('../../fixtures/'.length),
    async () => (await fetch(url)).blob(),
  ]),
)
