/** @file A worker whose script may be of another origin than the page. */

const bootstraps = new Map<string, string>()

/** A worker must be of the page's own origin, a module may be of any: so a Blob of the page imports the real worker. */
export function workerOfAnyOrigin({ href }: URL): Worker {
  // Never revoked: browsers differ in when they have read it, and the next worker needs it again.
  const bootstrap =
    bootstraps.get(href) ??
    URL.createObjectURL(new Blob([`import ${JSON.stringify(href)}`], { type: 'text/javascript' }))
  bootstraps.set(href, bootstrap)
  return new Worker(bootstrap, { type: 'module' })
}
