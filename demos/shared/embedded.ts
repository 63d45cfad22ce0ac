/** @file What lies in a demo's own build, so that it needs no network: a small model with its tokenizer, and mails. */
import mailsAddress from './mails.csv?url'

const addresses = import.meta.glob<string>('./tagger/*.{json,safetensors,txt}', {
  query: '?url',
  import: 'default',
  eager: true,
})

const blobAt = async (address: string): Promise<Blob> => (await fetch(address)).blob()

/** The part-of-speech tagger that e2e/tagger trained, by the paths of its files, for `fromPretrained`. */
export async function embeddedModel(): Promise<Record<string, Blob>> {
  const files = Object.entries(addresses).map(
    async ([path, address]) => [path.slice(path.lastIndexOf('/') + 1), await blobAt(address)] as const,
  )
  return Object.fromEntries(await Promise.all(files))
}

/** 600 mails, half of them spam: a CSV file with the columns `text` and `label`. */
export const embeddedMails = (): Promise<Blob> => blobAt(mailsAddress)
