/** @file Files to a repository of the Hub, as one commit: the repository and the branch are made where they are not there. */
import { type CommitOutput, commitIter, createBranch, createRepo, fileExists, whoAmI } from '@huggingface/hub'
import { PushToHubError } from '../errors'
import { joinPath } from '../files'
import { type FileOptions, type Progress, settle } from '../options'
import { ProgressTracker } from '../progress'
import { pushError, statusOf, Unreachable } from './push-errors'

export interface PushOptions extends Pick<FileOptions, 'token' | 'endpoint' | 'fetch' | 'signal'> {
  /** Default: what is pushed, as `'Upload BertForMaskedLM'`. */
  commitMessage?: string
  commitDescription?: string
  /** Whether a repository that is made now is private. Default: as its owner has set it, mostly public. */
  private?: boolean
  /** The branch to push to; it is made of `revision` where it is not there. Default: `revision`, else `'main'`. */
  branch?: string
  /** The branch to push to, as in Python; with `branch`, what that one begins at: a branch, a tag or a commit. */
  revision?: string
  /** Open a pull request instead of pushing to the branch. */
  createPr?: boolean
  onProgress?: (progress: Progress) => void
}

/** Where what was pushed lies now. Like `CommitInfo` in Python. */
export interface Pushed {
  /** `'org/name'` */
  repository: string
  commit: string
  commitUrl: string
  /** Where a pull request was asked for. */
  pullRequestUrl: string | undefined
}

/**
 * Push files to a repository of the Hub.
 * @param repository `'org/name'`, or a name alone for one of the token's owner
 * @param files by path
 * @param card makes the `README.md` of a repository that has none
 * @throws {PushToHubError} whose `reason` tells what is in the way.
 */
export async function pushFiles(
  repository: string,
  files: Readonly<Record<string, Blob>>,
  options: PushOptions & { commitMessage: string },
  card: (repository: string) => Promise<Blob> | Blob,
): Promise<Pushed> {
  const { token, endpoint, fetch, signal } = settle(options)
  if (!token?.startsWith('hf_'))
    throw new PushToHubError(
      `Pushing to ${endpoint} needs a token, which begins with "hf_". Make one that may write at ` +
        `${endpoint}/settings/tokens, and pass it: pushToHub(repo, { token }).`,
      'token',
    )
  signal?.throwIfAborted()
  const { branch = options.revision ?? 'main', createPr = false, commitMessage } = options
  let name = repository
  const shared = { accessToken: token, hubUrl: endpoint, fetch: reaching(fetch, signal) }
  try {
    if (!repository.includes('/')) name = `${(await whoAmI(shared)).name}/${repository}`
    const repo = { type: 'model', name } as const
    const isNew = await makeRepository(repo, options.private, shared)
    if (branch !== 'main' && !createPr) await makeBranch(repo, branch, options, shared)
    const hasCard = !isNew && (await fileExists({ ...shared, repo, path: 'README.md', revision: branch }))
    const all = hasCard || 'README.md' in files ? files : { 'README.md': await card(name), ...files }
    const operations = Object.entries(all).map(
      ([path, content]) => ({ operation: 'addOrUpdate', path: joinPath('', path), content }) as const,
    )
    const committing = commitIter({
      ...shared,
      repo,
      branch,
      operations,
      title: commitMessage,
      description: options.commitDescription,
      isPullRequest: createPr,
      useXet: false, // its code is fetched from elsewhere when it is needed; LFS takes the same files
      abortSignal: signal,
    })
    const { commit, pullRequestUrl } = await follow(committing, all, options.onProgress)
    return { repository: name, commit: commit.oid, commitUrl: commit.url, pullRequestUrl }
  } catch (error) {
    signal?.throwIfAborted()
    throw pushError(error, { name, branch, endpoint, token })
  }
}

interface Shared {
  accessToken: string
  hubUrl: string
  fetch: typeof globalThis.fetch
}
type Repo = { type: 'model'; name: string }

/** What the network fails with is told apart from all else. */
const reaching =
  (fetch: typeof globalThis.fetch, signal: AbortSignal | undefined): typeof globalThis.fetch =>
  async (input, init) => {
    try {
      return await fetch(input, { signal, ...init })
    } catch (cause) {
      throw new Unreachable(cause instanceof Error ? cause.message : String(cause), { cause })
    }
  }

/** @returns whether it was not there. */
async function makeRepository(repo: Repo, isPrivate: boolean | undefined, shared: Shared): Promise<boolean> {
  const visibility = isPrivate === undefined ? undefined : isPrivate ? 'private' : 'public'
  try {
    await createRepo({ ...shared, repo, visibility })
    return true
  } catch (error) {
    const status = statusOf(error)
    // A token may be for one repository only: then it makes none, but that one is there.
    if (status === 409 || (status === 403 && (await isThere(repo, shared)))) return false
    throw error
  }
}

async function isThere({ name }: Repo, { hubUrl, accessToken, fetch }: Shared): Promise<boolean> {
  const headers = { authorization: `Bearer ${accessToken}` }
  const { ok } = await fetch(`${hubUrl}/api/models/${name}`, { headers })
  return ok
}

async function makeBranch(
  repo: Repo,
  branch: string,
  { branch: asked, revision }: PushOptions,
  shared: Shared,
): Promise<void> {
  if (branch.startsWith('refs/pr/')) return // pull requests are numbered by the Hub
  try {
    await createBranch({ ...shared, repo, branch, revision: asked === undefined ? undefined : revision })
  } catch (error) {
    if (statusOf(error) !== 409) throw error
  }
}

/** Tell the page of each file that is hashed and sent; the small ones go with the commit. */
async function follow(
  committing: ReturnType<typeof commitIter>,
  files: Readonly<Record<string, Blob>>,
  onProgress: PushOptions['onProgress'],
): Promise<CommitOutput> {
  const tracker = new ProgressTracker()
  for (const [file, { size }] of Object.entries(files)) tracker.expect(file, size)
  const tell = tracker.follow(onProgress)
  const sent = new Set<string>()
  for (;;) {
    const { done, value } = await committing.next()
    if (done) {
      for (const [file, { size }] of Object.entries(files))
        if (!sent.has(file)) tell({ file, loaded: size, total: size })
      return value!
    }
    if (value.event !== 'fileProgress' || value.state !== 'uploading') continue
    const { size } = files[value.path]!
    tell({ file: value.path, loaded: Math.round(value.progress * size), total: size })
    if (value.progress === 1) sent.add(value.path)
  }
}
