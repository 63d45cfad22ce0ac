import { describe, expect, test, vi } from 'vitest'
import { digest, filesOf, type Name, read, readJson, tokenizerOf } from '../../reference/fixtures'
import { AutoTokenizer, type ChatTemplate, type ChatTemplateOptions, type TokenizerFiles } from '..'
import { TokenizerError } from '../errors'

/** A text by the numbers of its lines, a text's digest, or the error of Python. */
type Expected = number[] | string | Record<string, string>
type Messages = object[]

const recorded = readJson<{
  conversations: Record<string, Messages>
  tools: object[]
  documents: object[]
  specialTokens: Record<string, [bos: string, eos: string]>
  cases: [conversation: string, options: ChatTemplateOptions & { tools?: true; documents?: true }][]
  lines: string[]
  results: Record<string, Expected[]>
}>('chat-templates/renderings.json')

/** In the record `true` stands for the tools and the documents that all cases share. */
const optionsOf = ({ tools, documents, ...options }: Record<string, unknown>): ChatTemplateOptions => ({
  ...options,
  ...(tools === true && { tools: recorded.tools }),
  ...(documents === true && { documents: recorded.documents }),
})

const template = (name: string): string => read(`chat-templates/${name}.jinja`)

describe.each(Object.entries(recorded.results))('%s writes', (name, results) => {
  const tokenizer = tokenizerOf(filesOf('roberta'))
  const [bos, eos] = recorded.specialTokens[name] ?? ['<s>', '</s>']
  tokenizer.bosToken = bos
  tokenizer.eosToken = eos
  tokenizer.chatTemplate = template(name)

  test.each(recorded.cases.map((one, i) => [...one, results[i]!] as const))(
    '%s %o',
    (conversation, options, expected) => {
      vi.setSystemTime(new Date(2025, 6, 4, 9, 5, 3))
      const messages = recorded.conversations[conversation]!
      const before = structuredClone(messages)
      const render = () => tokenizer.applyChatTemplate(messages, { ...optionsOf(options), tokenize: false })
      if (Array.isArray(expected)) {
        expect(render()).toBe(expected.map((line) => recorded.lines[line]).join('\n'))
      } else if (typeof expected === 'string') {
        expect(digest(render())).toBe(expected)
      } else {
        expect(render).toThrow(TokenizerError)
        if (expected.TemplateError !== undefined)
          expect(render).toThrow(new TokenizerError(expected.TemplateError))
      }
      expect(messages).toEqual(before)
    },
  )
})

type Ids = number[] | number[][]
type Tokenized = [
  conversation: string | string[],
  options: Record<string, unknown>,
  expected: Ids | Record<string, unknown>,
]

describe.each(Object.entries(readJson<Record<string, Tokenized[]>>('chat-templates/tokenized.json')))(
  'ids of %s',
  (title, cases) => {
    const [name, from] = title.split(' ') as [Name, string]

    test.each(cases)('%s %o', (conversation, options, expected) => {
      vi.spyOn(console, 'warn').mockReturnValue()
      const tokenizer = tokenizerOf(filesOf(name))
      tokenizer.chatTemplate = template(from)
      const messages =
        typeof conversation === 'string'
          ? recorded.conversations[conversation]!
          : conversation.map((one) => recorded.conversations[one]!)
      const apply = () => tokenizer.applyChatTemplate(messages, optionsOf(options))
      if (Array.isArray(expected)) expect(apply()).toEqual(expected)
      else if ('input_ids' in expected) expect({ ...(apply() as object) }).toEqual(expected)
      else expect(apply).toThrow(TokenizerError)
    })
  },
)

test('masks come as tensors as well', () => {
  const tokenizer = tokenizerOf(filesOf('roberta'))
  tokenizer.chatTemplate = template('qwen3-generation')
  const messages = ['long', 'thinking'].map((name) => recorded.conversations[name]!)
  const options = { returnDict: true, returnAssistantTokensMask: true, padding: true } as const
  const lists = tokenizer.applyChatTemplate(messages, options)
  const tensors = tokenizer.applyChatTemplate(messages, { ...options, returnTensors: true })
  expect(tensors.assistant_masks?.shape).toEqual(tensors.input_ids.shape)
  expect([...tensors.assistant_masks!.data]).toEqual(lists.assistant_masks!.flat())
})

const repositories = readJson<{ files: TokenizerFiles; chatTemplate: ChatTemplate | null }[]>(
  'chat-templates/repositories.json',
)

test.each(repositories)('a repository has the templates Python takes: $files', ({ files, chatTemplate }) => {
  const tokenizer = tokenizerOf({
    ...files,
    'tokenizer.json': filesOf('roberta')['tokenizer.json'],
  })
  expect(tokenizer.chatTemplate ?? null).toEqual(chatTemplate)
})

test('templates are read from a repository', async () => {
  const files: Record<string, unknown> = {
    ...filesOf('roberta'),
    'chat_template.jinja': "{{ 'one' }}",
    'additional_chat_templates/rag.jinja': "{{ 'two' }}",
  }
  const folder = 'https://models.example/chat/'
  const fetch = vi.fn(async (input: string | URL | Request, init?: RequestInit) => {
    const { href } = new URL(input instanceof Request ? input.url : input)
    const content = files[href.slice(folder.length)]
    if (content === undefined) return new Response('', { status: 404 })
    const body = typeof content === 'string' ? content : JSON.stringify(content)
    return new Response(init?.method === 'HEAD' ? null : body)
  })
  const load = () => AutoTokenizer.fromPretrained(new URL(folder), { fetch, cache: false })
  expect((await load()).chatTemplate).toEqual({ default: "{{ 'one' }}", rag: "{{ 'two' }}" })
  delete files['chat_template.jinja']
  files['chat_template.json'] = { chat_template: "{{ 'three' }}" }
  expect((await load()).chatTemplate).toBe("{{ 'three' }}")
})

describe('a tokenizer with several templates', () => {
  const tokenizer = tokenizerOf(filesOf('roberta'))
  const messages = [{ role: 'user', content: 'Hi' }]
  const render = (options: ChatTemplateOptions) =>
    tokenizer.applyChatTemplate(messages, { ...options, tokenize: false })

  test('uses the one for tools where there are any, or the one it is told', () => {
    tokenizer.chatTemplate = {
      default: "{{ 'plain' }}",
      tool_use: '{{ tools | length }}',
      rag: "{{ 'rag' }}",
    }
    expect(render({})).toBe('plain')
    expect(render({ tools: null })).toBe('plain')
    expect(render({ tools: [] })).toBe('0')
    expect(render({ tools: recorded.tools })).toBe('3')
    expect(render({ tools: recorded.tools, chatTemplate: 'rag' })).toBe('rag')
    expect(render({ chatTemplate: "{{ 'own' }}" })).toBe('own')
    expect(tokenizer.getChatTemplate({ tools: recorded.tools })).toBe('{{ tools | length }}')
  })

  test('says which there are, if none is the default', () => {
    tokenizer.chatTemplate = { rag: "{{ 'rag' }}", other: "{{ 'other' }}" }
    expect(() => render({})).toThrow('Give the name of one as chatTemplate: other, rag.')
    tokenizer.chatTemplate = undefined
    expect(() => render({})).toThrow('The tokenizer has no chat template.')
  })
})

test.each([
  [[], {}, 'the list of messages is empty'],
  [[{}], { tools: [() => 'now'] as object[] }, 'tools is a list with a function in it'],
  [[{}], { documents: ['text'] as unknown as object[] }, 'documents is a list with a string in it'],
  [[{}], { returnDict: true, tokenize: false }, 'returnDict: true needs tokenize: true'],
  [[{ role: 'user' }], { continueFinalMessage: true }, 'needs a last message with a text to continue'],
])('%o with %o is refused', (messages, options, message) => {
  const tokenizer = tokenizerOf(filesOf('roberta'))
  tokenizer.chatTemplate = "{{ 'x' }}"
  expect(() => tokenizer.applyChatTemplate(messages, options)).toThrow(TokenizerError)
  expect(() => tokenizer.applyChatTemplate(messages, options)).toThrow(message)
})
