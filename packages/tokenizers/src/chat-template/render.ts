/** @file Conversations as a template writes them. Like `render_jinja_template` in Transformers. */
import { TokenizerError } from '../errors'
import { strip } from '../text/strip'
import { type Rendering, run } from './interpreter'
import { parseTemplate } from './syntax'
import { toValue, type Value } from './values'

/** Messages: whatever the model's template reads of them; most read `role` and `content`. */
export type Conversation = readonly object[]

export interface RenderOptions {
  addGenerationPrompt: boolean
  continueFinalMessage: boolean
  tools: unknown
  documents: unknown
  /** Further names that the template may read. */
  variables: Readonly<Record<string, unknown>>
}

/** One template serves many conversations; as in Python, those used last are kept. */
const parsed = new Map<string, ReturnType<typeof parseTemplate>>()
const KEPT = 16

function parse(template: string): ReturnType<typeof parseTemplate> {
  const tree = parsed.get(template) ?? parseTemplate(template)
  parsed.delete(template)
  parsed.set(template, tree)
  if (parsed.size > KEPT) parsed.delete(parsed.keys().next().value!)
  return tree
}

/** Some templates go through all messages for each one; loops within loops that go on from there do not end. */
const mostSteps = (messages: number): number => 2_000_000 + 200 * messages ** 2

/** @throws {TokenizerError} when the template raises an exception, or can't take the conversation. */
export function renderConversation(
  template: string,
  conversation: Conversation,
  options: RenderOptions,
): Rendering {
  const { addGenerationPrompt, continueFinalMessage, tools, documents, variables } = options
  try {
    const { messages, final } = continueFinalMessage
      ? markFinal(conversation)
      : { messages: conversation, final: '' }
    const values = Object.entries({
      ...variables,
      messages,
      tools,
      documents,
    })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]): [string, Value] => [name, toValue(value, name)])
    const rendering = run(
      parse(template),
      [...values, ['add_generation_prompt', addGenerationPrompt]],
      mostSteps(conversation.length),
    )
    return continueFinalMessage ? { ...rendering, text: cutAfter(final, rendering.text) } : rendering
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new TokenizerError(
      'The chat template or the conversation is nested too deep, or what they write gets too long.',
      { cause },
    )
  }
}

/** What follows the text to continue; its space shows whether the template takes spaces away. */
const TAG = 'CONTINUE_FINAL_MESSAGE_TAG '

function markFinal(conversation: Conversation): { messages: Conversation; final: string } {
  const { content } = { content: undefined, ...conversation.at(-1) }
  if (typeof content === 'string') return marked(conversation, content + TAG, content)
  const blocks: readonly unknown[] = Array.isArray(content) ? content : []
  const at = blocks.findLastIndex((block) => typeof block === 'object' && block !== null && 'text' in block)
  const block = blocks[at] as { text: unknown } | undefined
  if (typeof block?.text !== 'string') {
    throw new TokenizerError(
      'continueFinalMessage needs a last message with a text to continue: a string as content, or a list with a text in it.',
    )
  }
  return marked(conversation, blocks.with(at, { ...block, text: block.text + TAG }), block.text)
}

const marked = (conversation: Conversation, content: unknown, final: string) => ({
  messages: conversation.with(-1, { ...conversation.at(-1), content }),
  final,
})

/** The rendered text up to the end of the message that is to be continued. */
function cutAfter(final: string, text: string): string {
  const at = text.lastIndexOf(TAG.trim())
  if (at < 0 || !text.includes(strip(final))) {
    throw new TokenizerError(
      'continueFinalMessage is set, but the chat template changes or leaves out the last message, so that there is nothing to continue.',
    )
  }
  const before = text.slice(0, at)
  // Without its space the tag was trimmed, and so would have been the spaces before it.
  return text.startsWith(TAG, at) ? before : strip(before, 'right')
}
