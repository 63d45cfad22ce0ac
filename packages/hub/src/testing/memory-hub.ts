/** @file A Hub in memory for the tests: repositories of one commit, with the hashes that the real one lists. */

export interface MemoryHub {
  endpoint: string
  /** The files of each repository. */
  repositories: Record<string, Record<string, Uint8Array<ArrayBuffer>>>
  /** Paths below `/resolve/<commit>/`, with their ranges, as they were asked for. */
  asked: { path: string; range: string | null }[]
  /** Changes what is sent in place of some bytes. */
  spoil: (path: string, bytes: Uint8Array<ArrayBuffer>, begin: number) => BodyInit | Promise<BodyInit>
  fetch: typeof fetch
}

export const commit = 'c'.repeat(40)
const LARGE = /\.(safetensors|bin)$/

const hex = async (algorithm: string, content: Blob) =>
  Array.from(new Uint8Array(await crypto.subtle.digest(algorithm, await content.arrayBuffer())), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')

export const sha256Of = (content: Uint8Array<ArrayBuffer>) => hex('SHA-256', new Blob([content]))
export const gitHashOf = (content: Uint8Array<ArrayBuffer>) =>
  hex('SHA-1', new Blob([`blob ${content.length}\0`, content]))

export function memoryHub(repositories: MemoryHub['repositories']): MemoryHub {
  const hub: MemoryHub = {
    endpoint: 'https://hub.example',
    repositories,
    asked: [],
    spoil: (_path, bytes) => bytes,
    async fetch(input, init) {
      const { pathname } = new URL(String(input))
      const [, listed] = /^\/api\/models\/(.+)\/revision\//.exec(pathname) ?? []
      if (listed) return info(hub.repositories[listed])
      const [, name = '', path = ''] = /^\/(.+)\/resolve\/[^/]+\/(.+)$/.exec(pathname) ?? []
      const content = hub.repositories[name]?.[path]
      if (!content) return new Response('', { status: 404 })
      const range = new Headers(init?.headers).get('range')
      hub.asked.push({ path, range })
      const [, begin, last] = (/^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []).map(Number)
      if (begin === undefined) return new Response(await hub.spoil(path, content, 0))
      const bytes = content.slice(begin, last! + 1)
      const headers = { 'content-range': `bytes ${begin}-${begin + bytes.length - 1}/${content.length}` }
      return new Response(await hub.spoil(path, bytes, begin), { status: 206, headers })
    },
  }
  return hub
}

async function info(files: Record<string, Uint8Array<ArrayBuffer>> | undefined): Promise<Response> {
  if (!files) return new Response('', { status: 404, headers: { 'x-error-code': 'RepoNotFound' } })
  const siblings = Object.entries(files).map(async ([rfilename, content]) => ({
    rfilename,
    size: content.length,
    blobId: await gitHashOf(content),
    ...(LARGE.test(rfilename) && { lfs: { sha256: await sha256Of(content), size: content.length } }),
  }))
  return Response.json({ sha: commit, siblings: await Promise.all(siblings) })
}

/** Bytes of which no two places hold the same. */
export function numbered(bytes: number): Uint8Array<ArrayBuffer> {
  const numbers = new Uint32Array(bytes / 4)
  for (let i = 0; i < numbers.length; i++) numbers[i] = i
  return new Uint8Array(numbers.buffer)
}

export const text = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content)
