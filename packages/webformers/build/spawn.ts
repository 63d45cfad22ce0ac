/** @file The single-file build's `spawn`: the worker lies beside this script, which may be of another origin than the page. */

let bootstrap: string | undefined

/** A worker must be of the page's own origin, a module may be of any: so a Blob of the page imports the real worker. */
export function spawn(): Worker {
  const script = new URL('./webformers.worker.js', import.meta.url).href
  // Never revoked: browsers differ in when they have read it, and the next worker needs it again.
  bootstrap ??= URL.createObjectURL(
    new Blob([`import ${JSON.stringify(script)}`], { type: 'text/javascript' }),
  )
  return new Worker(bootstrap, { type: 'module' })
}
