/** @file The sentences to search: public/sentences.json, see sentences.md. */

export interface Sentence {
  readonly text: string
  /** Counted from 1, as the book does. */
  readonly chapter: number
  readonly title: string
}

interface CorpusFile {
  chapters: { title: string; sentences: string[] }[]
}

/** All sentences in the book's order, or a number of them spread over it. */
export async function loadCorpus(limit = Number.POSITIVE_INFINITY): Promise<Sentence[]> {
  const { chapters }: CorpusFile = await (await fetch('./sentences.json')).json()
  const sentences = chapters.flatMap(({ title, sentences }, i) =>
    sentences.map((text) => ({ text, chapter: i + 1, title })),
  )
  if (limit >= sentences.length) return sentences
  return Array.from({ length: limit }, (_, i) => sentences[Math.floor((i * sentences.length) / limit)]!)
}

/** Short, and another for any other list of texts. */
export async function fingerprint(texts: readonly string[]): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(texts.join('\n')))
  return Array.from(new Uint8Array(digest, 0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
