import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import {
  AutoModelForMaskedLM,
  AutoTokenizer,
  type LogitsOutput,
  type PreTrainedModel,
  type Progress,
  type PushModelOptions,
  PushToHubError,
  type Tensor,
} from './index'
import { fixtures } from './testing/browser'
import { hubOf } from './testing/hub'

const source = 'tiny/bert-fill-mask'
const endpoint = '/push-hub'
const token = 'hf_owner'
const local = async (path: string) => (await fetch(`${endpoint}/test/${path}`)).json()

const README = new Blob(['---\nlicense: apache-2.0\nlanguage:\n- en\n- de\ntags:\n- test\n---\n# Tiny\n'])
const options = {
  fetch: hubOf({ ...fixtures, [`${source}/README.md`]: async () => README }),
  cache: false,
  device: 'wasm',
} as const

let model: PreTrainedModel<LogitsOutput>
let logits: Tensor
const inputs = { input_ids: [[2, 7, 9, 4, 3]] }
let logged: unknown[][]
let name: string

beforeAll(async () => {
  model = await AutoModelForMaskedLM.fromPretrained(source, options)
  logits = (await model(inputs)).logits
})
afterAll(() => model.dispose())
beforeEach(() => {
  name = `me/tiny-${crypto.randomUUID().slice(0, 8)}`
  logged = []
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, level).mockImplementation((...args) => void logged.push(args))
})
afterEach(async () => {
  vi.restoreAllMocks()
  // The token was in no line of the console and in no address.
  const requests: { url: string }[] = await local('requests')
  expect(JSON.stringify([requests.map(({ url }) => url), logged.map(String)])).not.toMatch(
    /hf_(owner|reader|unknown)/,
  )
})

const push = (to: string, changes: PushModelOptions = {}) =>
  model.pushToHub(to, { endpoint, token, ...changes })

test('what was pushed loads from there with the same numbers, and its card says what it is', async () => {
  const seen: Progress[] = []
  const onProgress = (progress: Progress) => void seen.push(progress)
  const pushed = await push(name, { private: true, maxShardSize: '50KB', onProgress })
  expect(pushed).toEqual({
    repository: name,
    commit: expect.stringMatching(/^[0-9a-f]{40}$/),
    commitUrl: expect.stringContaining(`${name}/commit/${pushed.commit}`),
    pullRequestUrl: undefined,
  })
  const { [name]: there } = await local('repositories')
  expect(there.private).toBe(true)
  expect(there.branches.main).toMatchObject({
    oid: pushed.commit,
    summary: 'Upload BertForMaskedLM',
    files: expect.arrayContaining(['README.md', 'config.json', 'model.safetensors.index.json']),
  })
  const { totals } = seen.at(-1)!
  expect(totals.files).toBe(there.branches.main.files.length)
  expect(totals.loaded).toBe(totals.total)

  const card = await (await fetch(`${endpoint}/${name}/resolve/main/README.md`)).text()
  for (const line of [
    'library_name: transformers',
    'pipeline_tag: fill-mask',
    `base_model: ${source}`,
    'license: apache-2.0',
    'language:\n- en\n- de\n---',
    '`BertForMaskedLM` (`bert`)',
    `at commit \`0123456789abcdef0123456789abcdef01234567\``,
    'float32',
    `await AutoModelForMaskedLM.fromPretrained('${name}')`,
    `AutoModelForMaskedLM.from_pretrained("${name}")`,
  ])
    expect(card).toContain(line)
  expect(card).not.toContain('- test')

  const opened = { endpoint, token, cache: false, device: 'wasm' } as const
  await using again = await AutoModelForMaskedLM.fromPretrained(name, opened)
  expect((await again(inputs)).logits).toEqual(logits)
})

test('a tokenizer goes beside its model; the card that is there stays', async () => {
  await push(name)
  const card = await (await fetch(`${endpoint}/${name}/resolve/main/README.md`)).text()
  const tokenizer = await AutoTokenizer.fromPretrained(source, options)
  await tokenizer.pushToHub(name, { endpoint, token, commitMessage: 'The tokenizer' })
  const { [name]: there } = await local('repositories')
  expect(there.branches.main).toMatchObject({
    summary: 'The tokenizer',
    files: expect.arrayContaining([
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
      'vocab.txt',
    ]),
  })
  expect(await (await fetch(`${endpoint}/${name}/resolve/main/README.md`)).text()).toBe(card)
  const again = await AutoTokenizer.fromPretrained(name, { endpoint, cache: false })
  expect(again('I love it').input_ids).toEqual(tokenizer('I love it').input_ids)
})

test('branches, pull requests, and names without an owner', async () => {
  const bare = name.split('/')[1]!
  const first = await push(bare, { commitMessage: 'first' })
  expect(first.repository).toBe(name)
  await push(name, {
    branch: 'dev',
    revision: first.commit,
    commitMessage: 'second',
    commitDescription: 'why',
  })
  await push(name, { revision: 'dev', commitMessage: 'third' })
  const { pullRequestUrl } = await push(name, { createPr: true, commitMessage: 'proposed' })
  expect(pullRequestUrl).toContain(`${name}/discussions/1`)
  const { [name]: there } = await local('repositories')
  const summaries = Object.entries<{ summary: string }>(there.branches).map(([branch, { summary }]) => [
    branch,
    summary,
  ])
  expect(summaries).toEqual([
    ['main', 'first'],
    ['dev', 'third'],
    ['refs/pr/1', 'proposed'],
  ])
})

const unreachable = () => Promise.reject(new TypeError('Failed to fetch'))
const busy = async () => new Response('', { status: 503 })
test.each<[string, string, PushModelOptions, string, RegExp]>([
  ['no token', 'me/x', { token: undefined }, 'token', /needs a token.*settings\/tokens/],
  ['a token of another kind', 'me/x', { token: 'secret' }, 'token', /begins with "hf_"/],
  ['an unknown token', 'me/x', { token: 'hf_unknown' }, 'token', /does not know the token/],
  ['a token that may only read', 'me/x', { token: 'hf_reader' }, 'permission', /may not write.*role "write"/],
  ['somebody else’s repository', 'you/x', {}, 'permission', /a part in "you"/],
  [
    'a start that is not there',
    'me/x',
    { branch: 'dev', revision: 'nowhere' },
    'repository',
    /not there.*nowhere/,
  ],
  ['no network', 'me/x', { fetch: unreachable }, 'network', /could not be reached/],
  ['a server in trouble', 'me/x', { fetch: busy }, 'network', /push again later/],
])('%s is told', async (_, to, changes, reason, message) => {
  const error: PushToHubError = await push(to, changes).then(
    () => expect.fail('it was pushed'),
    (error) => error,
  )
  expect(error).toBeInstanceOf(PushToHubError)
  expect(error.reason).toBe(reason)
  expect(error.message).toMatch(message)
  const told = [
    error.message,
    error.stack,
    JSON.stringify(error),
    String(error.cause),
    (error.cause as Error)?.stack,
  ]
  expect(told.join()).not.toMatch(/hf_(owner|reader|unknown)/)
})

test('an abort ends a push, and nothing is committed', async () => {
  const controller = new AbortController()
  const onProgress = () => controller.abort()
  await expect(push(name, { signal: controller.signal, onProgress })).rejects.toMatchObject({
    name: 'AbortError',
  })
  const { [name]: there } = await local('repositories')
  expect(there.branches.main.files).toEqual([])
})
