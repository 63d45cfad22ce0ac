/** @file The page's half of the service worker: registers it, reloads once so that it answers for the page, offers updates. */

/**
 * Resolves when the page may begin: it is isolated, or cannot become so. On the first visit the page reloads instead.
 * It reloads when another worker takes control and never otherwise, so there can be no loop.
 *
 * @param onUpdate called when a new version waits; call what it is given to change over
 */
export async function register(onUpdate: (changeOver: () => void) => void): Promise<void> {
  const { serviceWorker } = navigator
  if (!serviceWorker) return
  const controlled = serviceWorker.controller !== null
  serviceWorker.addEventListener('controllerchange', () => {
    if (controlled || !crossOriginIsolated) location.reload()
  })
  const registration = await serviceWorker.register('./sw.js').catch(() => undefined)
  // Forbidden by a private window, say, or not built by Vite's dev server: the demo works, online and with one thread.
  if (!registration) return

  const offer = (worker: ServiceWorker) => onUpdate(() => worker.postMessage('take over'))
  if (controlled && registration.waiting) offer(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const { installing } = registration
    installing?.addEventListener('statechange', () => {
      if (controlled && installing.state === 'installed') offer(installing)
    })
  })

  if (!controlled && !crossOriginIsolated && registration.installing) await failed(registration.installing)
}

/** Never resolves for a worker that comes up: the page reloads under it. */
const failed = (worker: ServiceWorker) =>
  new Promise<void>((resolve) => {
    worker.addEventListener('statechange', () => {
      if (worker.state === 'redundant') resolve()
    })
  })
