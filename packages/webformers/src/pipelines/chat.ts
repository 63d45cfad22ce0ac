/** @file Conversations: messages with roles, as chat templates read them. */
import type { ToolCall } from './tool-calls'

/** What somebody said, or a tool answered. Templates read other keys besides, such as `tool_call_id`. */
export interface ChatMessage {
  role: string
  /** A text, or parts such as `{ type: 'text', text }` where the template takes them. */
  content?: string | readonly object[] | null
  /** The functions that the assistant calls. */
  tool_calls?: readonly ToolCall[]
  [key: string]: unknown
}

/** A conversation, from its beginning. */
export type Chat = readonly ChatMessage[]

/** Whether an input is one conversation, and not a list of inputs. Like in Python, its first item tells. */
export const isChat = (input: unknown): input is Chat =>
  Array.isArray(input) &&
  input.length > 0 &&
  typeof input[0] === 'object' &&
  input[0] !== null &&
  !Array.isArray(input[0])
