/** @file Long texts in steps: a vocabulary of megabytes becomes a file while the page goes on. */
import type { Steps } from '../steps'

/** How many parts a step takes: a few milliseconds. */
const STEP = 2048

/** The parts one after the other, in UTF-8. */
export function* blobOf(parts: Iterable<string>): Steps<Blob> {
  const blobs: Blob[] = []
  let text = ''
  let count = 0
  for (const part of parts) {
    text += part
    if (++count % STEP !== 0) continue
    blobs.push(new Blob([text]))
    text = ''
    yield
  }
  return new Blob([...blobs, text])
}
