import { describe, expect, test, vi } from 'vitest'
import { readJson } from '../../reference/fixtures'
import { TokenizerError } from '../errors'
import { renderConversation } from './render'

type Recorded = [template: string, expected: string | Record<string, string>]

const { context, results, unreadable } = readJson<{
  context: Record<string, unknown>
  results: Recorded[]
  unreadable: Recorded[]
}>('chat-templates/snippets.json')

const messages = [{ role: 'user', content: 'hi' }]

const render = (
  template: string,
  variables: Record<string, unknown> = {},
  conversation: object[] = messages,
) =>
  renderConversation(template, conversation, {
    addGenerationPrompt: false,
    continueFinalMessage: false,
    tools: null,
    documents: null,
    variables: { bos_token: '<s>', eos_token: '</s>', ...variables },
  }).text

describe('Jinja as Python renders it', () => {
  test.each(results)('%s', (template, expected) => {
    vi.setSystemTime(new Date(2025, 6, 4, 9, 5, 3))
    if (typeof expected === 'string') {
      expect(render(template, context)).toBe(expected)
      return
    }
    expect(() => render(template, context)).toThrow(TokenizerError)
    // What a template says itself is said word for word.
    if (expected.TemplateError !== undefined)
      expect(() => render(template, context)).toThrow(expected.TemplateError)
  })
})

test.each(unreadable)('what there is no grammar or name for is refused: %s', (template, expected) => {
  expect(expected).toBeTypeOf('string')
  expect(() => render(template, context)).toThrow(/no Jinja template that can be read|can't be rendered/)
  expect(() => render(template, context)).toThrow(TokenizerError)
})

test.each([
  ['a', [{ role: 'user', content: () => 1 }], 'messages has a function in it'],
  ['a', [{ role: 'user', content: 1n }], 'messages has a bigint in it'],
])('%s with %o is refused', (template, conversation, message) => {
  expect(() => render(template, {}, conversation)).toThrow(message)
})

test('a template sees no property but those it was given', () => {
  const names = [
    'constructor',
    '__proto__',
    'prototype',
    'toString',
    'valueOf',
    'then',
    'call',
    'apply',
    'size',
  ]
  const owners = [
    "''",
    '1',
    '0.5',
    'true',
    'none',
    '[]',
    '{}',
    'messages',
    'messages[0]',
    'range',
    'namespace()',
  ]
  for (const owner of owners)
    for (const name of names) {
      expect(render(`{{ (${owner}).${name} is defined }}{{ (${owner})['${name}'] is defined }}`)).toBe(
        'FalseFalse',
      )
      expect(render(`{{ ${name} is defined }}`)).toBe('False')
    }
})

test('what a conversation has under the name of a property is data', () => {
  const message = JSON.parse('{"__proto__": "a", "constructor": "b", "role": "user"}') as object
  expect(render('{{ messages[0].__proto__ }}{{ messages[0].constructor }}', {}, [message])).toBe('ab')
  expect({}).not.toHaveProperty('a')
})

describe('templates that would not end', () => {
  const loops = '{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}'
  const doubling = (start: string) =>
    `{% set n = namespace(x=${start}) %}{% for a in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}`
  const cyclic: Record<string, unknown> = { role: 'user' }
  cyclic.content = cyclic

  test.each([
    ['a loop in a loop', loops, messages],
    ['a macro that calls itself', '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}', messages],
    ['a list that doubles', doubling('[1]'), messages],
    ['a text that doubles', doubling("'a'"), messages],
    ['a long list', '{{ [1] * 1000000000 }}', messages],
    ['a long text', "{{ 'a' * 1000000000 }}", messages],
    ['a long range', '{{ range(1000000000) }}', messages],
    ['parentheses', `{{ ${'('.repeat(50_000)}1${')'.repeat(50_000)} }}`, messages],
    ['spaces', `{{ 1 }}${' '.repeat(1_000_000)}{{ 2 }}`, messages],
    ['a conversation in itself', '{{ messages }}', [cyclic]],
  ])('%s', (_, template, conversation) => {
    expect(() => render(template, {}, conversation)).toThrow(TokenizerError)
  })
})
