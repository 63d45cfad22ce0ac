/** @file OpenAI's messages as chat templates read them. */
import { InputError } from '@webformers/runtime'
import type { ChatMessage } from '../pipelines/chat'
import type { ChatCompletionMessageParam, ChatCompletionToolCall } from './wire'

const ROLES: readonly string[] = ['system', 'developer', 'user', 'assistant', 'tool']
const KEYS: readonly string[] = ['role', 'content', 'name', 'tool_calls', 'tool_call_id', 'refusal']

/**
 * Messages with texts for their parts, objects for arguments that were JSON, and the names of functions that answered.
 * @throws {InputError} when there is none, or one is not of OpenAI's form
 */
export function templateMessages(messages: readonly ChatCompletionMessageParam[]): ChatMessage[] {
  if (!Array.isArray(messages) || messages.length === 0)
    throw new InputError(
      `messages must be a list with at least one message, got ${JSON.stringify(messages)}.`,
    )
  const called = new Map<string, string>()
  return messages.map((message: ChatCompletionMessageParam, i) => {
    const about = `messages[${i}]`
    const { role, content, name, tool_calls, tool_call_id } = message ?? {}
    if (!ROLES.includes(role))
      throw new InputError(`${about}.role is ${JSON.stringify(role)}, expected one of ${ROLES.join(', ')}.`)
    const unknown = Object.keys(message).filter((key) => !KEYS.includes(key))
    if (unknown.length > 0)
      throw new InputError(`${about} has ${unknown.join(', ')}, which no chat template here reads.`)
    const calls = tool_calls?.map((call) => callOf(call, about))
    for (const call of calls ?? []) called.set(call.id, call.function.name)
    const answers = name ?? (tool_call_id === undefined ? undefined : called.get(tool_call_id))
    return {
      role: role === 'developer' ? 'system' : role,
      content: textOf(content, about, calls !== undefined),
      ...(answers !== undefined && { name: answers }),
      ...(calls && { tool_calls: calls }),
      ...(tool_call_id !== undefined && { tool_call_id }),
    }
  })
}

function textOf(content: ChatCompletionMessageParam['content'], about: string, mayBeEmpty: boolean): string {
  if (typeof content === 'string') return content
  if (Array.isArray(content)) return content.map((part) => partOf(part, about)).join('')
  if (mayBeEmpty && (content ?? null) === null) return ''
  throw new InputError(
    `${about}.content is ${JSON.stringify(content)}, expected a text or a list of { type: 'text', text }.`,
  )
}

function partOf(part: unknown, about: string): string {
  const { type, text } = (part ?? {}) as { type?: unknown; text?: unknown }
  if (type === 'text' && typeof text === 'string') return text
  throw new InputError(
    `${about}.content has a part of type ${JSON.stringify(type)}; a model that writes text reads { type: 'text', text } alone.`,
  )
}

function callOf({ id, function: called }: ChatCompletionToolCall, about: string) {
  const { name, arguments: given } = called ?? {}
  const parsed = typeof given === 'string' ? parsedObject(given) : undefined
  if (typeof id !== 'string' || typeof name !== 'string' || !parsed)
    throw new InputError(
      `${about}.tool_calls has ${JSON.stringify({ id, function: called })}, expected an id, a function's name and a JSON object as text for its arguments.`,
    )
  return { id, type: 'function' as const, function: { name, arguments: parsed } }
}

function parsedObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text || '{}')
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
