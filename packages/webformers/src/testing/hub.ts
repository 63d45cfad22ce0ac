/** @file For tests: a Hub whose repositories are given, file by file. */

/** Files by `org/name/path`. */
export type HubFiles = Record<string, () => Promise<Blob>>

const COMMIT = '0123456789abcdef0123456789abcdef01234567'

/** Answers the Hub's URLs: a model's commit and files, and each file at that commit. */
export const hubOf =
  (files: HubFiles): typeof fetch =>
  async (input, init) => {
    const { signal, method = 'GET' } = new Request(input, init)
    signal.throwIfAborted()
    const path = decodeURIComponent(new URL(String(input instanceof Request ? input.url : input)).pathname)
    const repository = path.match(/^\/api\/models\/([^/]+\/[^/]+)\/revision\//)?.[1]
    if (repository) return describe(repository, files)
    const [, name, rest] = path.match(/^\/([^/]+\/[^/]+)\/resolve\/[^/]+\/(.+)$/) ?? []
    const read = files[`${name}/${rest}`]
    if (!read) return new Response('', { status: 404, headers: { 'X-Error-Code': 'EntryNotFound' } })
    const blob = await read()
    return new Response(method === 'HEAD' ? null : blob, { headers: { 'Content-Length': String(blob.size) } })
  }

async function describe(repository: string, files: HubFiles): Promise<Response> {
  const own = Object.keys(files).filter((path) => path.startsWith(`${repository}/`))
  if (own.length === 0) return new Response('', { status: 404, headers: { 'X-Error-Code': 'RepoNotFound' } })
  const sizes = await Promise.all(own.map(async (path) => (await files[path]!()).size))
  const siblings = own.map((path, i) => ({ rfilename: path.slice(repository.length + 1), size: sizes[i]! }))
  return Response.json({ sha: COMMIT, siblings })
}
