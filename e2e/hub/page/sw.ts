/** @file A service worker that prefetches a model while it is installed, as an app's would. */
import { prefetch } from '@webformers/hub'

interface InstallEvent extends Event {
  waitUntil(work: Promise<unknown>): void
}

const options = new URL(location.href).searchParams
addEventListener('install', (event) => {
  const endpoint = options.get('endpoint')!
  ;(event as InstallEvent).waitUntil(prefetch(options.get('repository')!, { endpoint }))
})
