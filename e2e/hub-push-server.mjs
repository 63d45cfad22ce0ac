/**
 * @file A Hub that takes what is pushed, in memory: it speaks the API that @huggingface/hub uses, and serves what it was given.
 * Tokens: `hf_owner` may write in `me/`, `hf_reader` may only read, others are unknown.
 */
import { createHash } from 'node:crypto'

const OWNERS = { hf_owner: 'me', hf_reader: undefined }
const LARGE = /\.(safetensors|bin|onnx)$/

/** A Connect middleware, mounted below `base`; `requests` tells what came. */
export function pushMiddleware({ base = '' } = {}) {
  const repositories = new Map() // name → { private, branches: Map(branch → [commit, …]), pulls }
  const objects = new Map() // sha256 → bytes
  const requests = []

  const routes = [
    [
      'GET',
      /^\/api\/whoami-v2$/,
      ({ owner }) => [200, { type: 'user', name: owner ?? 'reader', auth: { type: 'access_token' } }],
    ],
    ['POST', /^\/api\/repos\/create$/, createRepository],
    [
      'GET',
      /^\/api\/models\/([^/]+\/[^/]+)$/,
      ({ repository }) => (repository ? [200, { id: 'x' }] : missing()),
    ],
    ['POST', /^\/api\/models\/([^/]+\/[^/]+)\/branch\/([^/]+)$/, createBranch],
    ['POST', /^\/api\/models\/([^/]+\/[^/]+)\/preupload\/([^/]+)$/, preupload],
    ['POST', /^\/([^/]+\/[^/]+)\.git\/info\/lfs\/objects\/batch$/, batch],
    ['PUT', /^\/lfs\/([0-9a-f]{64})$/, storeObject],
    ['POST', /^\/api\/models\/([^/]+\/[^/]+)\/commit\/([^/]+)$/, commit],
    ['GET', /^\/api\/models\/([^/]+\/[^/]+)\/revision\/([^/]+)$/, info],
    ['GET', /^\/([^/]+\/[^/]+)\/(?:resolve|raw)\/([^/]+)\/(.+)$/, file],
    ['GET', /^\/test\/requests$/, () => [200, requests]],
    ['GET', /^\/test\/repositories$/, () => [200, describe()]],
  ]

  function createRepository({ owner, json }) {
    const name = `${json.organization}/${json.name}`
    if (json.organization !== owner)
      return [403, { error: `You don't have the rights to create a model under ${json.organization}` }]
    if (repositories.has(name)) return [409, { error: 'You already created this model repo' }]
    repositories.set(name, {
      private: json.visibility === 'private',
      branches: new Map([['main', commitOf({}, 'initial commit')]]),
      pulls: 0,
    })
    return [200, { url: `${base}/${name}`, id: name }]
  }

  function createBranch({ repository, owner, parts: [name, branch], json }) {
    if (!repository) return missing()
    if (!writes(owner, name)) return forbidden()
    if (repository.branches.has(branch)) return [409, { error: 'Reference already exists' }]
    const start = find(repository, json.startingPoint ?? 'main')
    if (!start) return [404, { error: `Invalid rev id: ${json.startingPoint}` }]
    repository.branches.set(branch, start)
    return [200, {}]
  }

  function preupload({ repository, owner, parts: [name, branch], json }) {
    if (!repository) return missing()
    if (!writes(owner, name)) return forbidden()
    if (!repository.branches.has(branch)) return [404, { error: `Invalid rev id: ${branch}` }]
    const files = json.files.map(({ path, size }) => ({
      path,
      uploadMode: LARGE.test(path) || size > 2 ** 20 ? 'lfs' : 'regular',
      shouldIgnore: false,
    }))
    return [200, { files }]
  }

  function batch({ json, origin }) {
    const upload = (oid) => ({ upload: { href: `${origin}${base}/lfs/${oid}` } })
    const found = json.objects.map(({ oid, size }) => ({
      oid,
      size,
      ...(!objects.has(oid) && { actions: upload(oid) }),
    }))
    return [200, { transfer: 'basic', objects: found }]
  }

  function storeObject({ parts: [oid], body }) {
    if (createHash('sha256').update(body).digest('hex') !== oid) return [400, { error: 'SHA-256 mismatch' }]
    objects.set(oid, body)
    return [200, {}]
  }

  function commit({ repository, owner, parts: [name, branch], body, query, origin }) {
    if (!repository) return missing()
    if (!writes(owner, name)) return forbidden()
    const lines = body
      .toString()
      .split('\n')
      .map((line) => JSON.parse(line))
    const before = repository.branches.get(branch)
    if (!before) return [404, { error: `Invalid rev id: ${branch}` }]
    const files = { ...before.files }
    for (const { key, value } of lines) {
      if (key === 'file') files[value.path] = Buffer.from(value.content, value.encoding)
      if (key === 'lfsFile') {
        if (objects.get(value.oid)?.length !== value.size)
          return [400, { error: `No such object: ${value.oid}` }]
        files[value.path] = objects.get(value.oid)
      }
    }
    const made = commitOf(files, lines[0].value.summary, lines[0].value.description)
    const pull = query.get('create_pr') === '1' ? `refs/pr/${++repository.pulls}` : undefined
    repository.branches.set(pull ?? branch, made)
    const pullRequestUrl = pull && `${origin}${base}/${name}/discussions/${repository.pulls}`
    return [
      200,
      {
        success: true,
        commitOid: made.oid,
        commitUrl: `${origin}${base}/${name}/commit/${made.oid}`,
        hookOutput: '',
        pullRequestUrl,
      },
    ]
  }

  function info({ repository, parts: [id, revision], owner }) {
    if (!repository || (repository.private && owner === null)) return missing()
    const found = find(repository, revision)
    if (!found) return [404, { error: 'Revision not found' }, { 'X-Error-Code': 'RevisionNotFound' }]
    const siblings = Object.entries(found.files).map(([rfilename, bytes]) => ({
      rfilename,
      size: bytes.length,
    }))
    return [200, { id, sha: found.oid, siblings }]
  }

  function file({ repository, parts: [, revision, path] }) {
    const bytes = repository && find(repository, revision)?.files[path]
    return bytes ? [200, bytes] : [404, { error: 'Entry not found' }, { 'X-Error-Code': 'EntryNotFound' }]
  }

  const find = ({ branches }, revision) =>
    branches.get(revision) ?? [...branches.values()].find(({ oid }) => oid === revision)
  const writes = (owner, name) => typeof owner === 'string' && name.startsWith(`${owner}/`)
  const missing = () => [404, { error: 'Repository not found' }, { 'X-Error-Code': 'RepoNotFound' }]
  const forbidden = () => [
    403,
    { error: 'Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request' },
  ]
  const describe = () =>
    Object.fromEntries(
      [...repositories].map(([name, { private: hidden, branches }]) => [
        name,
        {
          private: hidden,
          branches: Object.fromEntries(
            [...branches].map(([branch, { oid, summary, description, files }]) => [
              branch,
              { oid, summary, description, files: Object.keys(files).sort() },
            ]),
          ),
        },
      ]),
    )

  return async (request, response, next) => {
    const { pathname, searchParams, origin } = new URL(request.url, `http://${request.headers.host}`)
    if (!pathname.startsWith(`${base}/`)) return next()
    const path = pathname.slice(base.length)
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const [, pattern, answer] = routes.find(([verb, route]) => verb === method && route.test(path)) ?? []
    if (!answer) return next()
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (!path.startsWith('/test/'))
      requests.push({ method: request.method, url: request.url, token: token !== undefined })
    const parts = pattern.exec(path).slice(1).map(decodeURIComponent)
    const json =
      /json/.test(request.headers['content-type'] ?? '') && !/ndjson/.test(request.headers['content-type'])
        ? JSON.parse(body)
        : undefined
    const known = token === undefined || token in OWNERS
    const owner = token === undefined ? null : OWNERS[token]
    const asked = {
      parts,
      json,
      body,
      query: searchParams,
      owner,
      origin,
      repository: repositories.get(parts[0]),
    }
    const [status, content, headers = {}] = known
      ? answer(asked)
      : [401, { error: 'Invalid credentials in Authorization header' }]
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content))
    const type = Buffer.isBuffer(content) ? 'application/octet-stream' : 'application/json'
    response.writeHead(status, { 'Content-Type': type, 'Content-Length': bytes.length, ...headers })
    response.end(request.method === 'HEAD' ? undefined : bytes)
  }
}

function commitOf(files, summary, description) {
  const oid = createHash('sha1')
    .update(JSON.stringify([summary, Math.random(), Object.keys(files)]))
    .digest('hex')
  return { oid, summary, description, files }
}
