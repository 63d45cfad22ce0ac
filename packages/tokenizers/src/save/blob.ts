/** @file Long texts in steps: a vocabulary of megabytes becomes a file while the page goes on. */
import type { Steps } from '@webformers/hub'

/** How many parts a step takes: a few milliseconds. */
const STEP = 2048

/** The parts one after the other, texts in UTF-8. */
export function* blobOf(parts: Iterable<BlobPart>): Steps<Blob> {
  const blobs: BlobPart[] = []
  let text = ''
  let count = 0
  for (const part of parts) {
    if (typeof part !== 'string') {
      blobs.push(text, part)
      text = ''
      continue
    }
    text += part
    if (++count % STEP !== 0) continue
    blobs.push(new Blob([text]))
    text = ''
    yield
  }
  return new Blob([...blobs, text])
}
