/** @file Asking the browser not to clear the cache when the disk runs low, as Safari does after a week without a visit. */

let asked = false

/** Asks once a page. Nobody waits for the answer: a refusal changes nothing, and Firefox puts the question to the user. */
export function askForPersistence(): void {
  if (asked) return
  asked = true
  const { storage } = globalThis.navigator ?? {}
  // Workers may not ask, nor pages without https.
  storage?.persist?.().catch(() => undefined)
}
