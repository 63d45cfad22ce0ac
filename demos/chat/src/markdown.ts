/** @file Markdown as elements that can do no harm: what a model writes may hold whatever it has read, a web page's scripts among it. */
import createDOMPurify from 'dompurify'
import { Marked } from 'marked'

const marked = new Marked({ gfm: true, breaks: true, async: false })
const purify = createDOMPurify(window)

/** A picture or a style could tell somebody elsewhere that the page was read, so none is loaded. */
const ALLOWED_TAGS = [
  ...['p', 'br', 'hr', 'strong', 'em', 'del', 'code', 'pre', 'blockquote', 'a'],
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li'],
  ...['table', 'thead', 'tbody', 'tr', 'th', 'td'],
]
const ALLOWED_ATTR = ['href', 'start', 'align']
const ALLOWED_URI_REGEXP = /^(?:https?|mailto):/i

/** The page has headings of its own; those of an answer come below them. */
const heading = (level: number) => `h${Math.min(6, level + 2)}`

/** What a text in Markdown shows. */
export function rendered(text: string): DocumentFragment {
  const fragment = purify.sanitize(marked.parse(text) as string, {
    ALLOWED_TAGS,
    ALLOWED_ATTR,
    ALLOWED_URI_REGEXP,
    RETURN_DOM_FRAGMENT: true,
  })
  for (const link of fragment.querySelectorAll('a')) {
    link.target = '_blank'
    link.rel = 'noopener noreferrer'
  }
  for (const element of fragment.querySelectorAll('h1, h2, h3, h4')) {
    const lower = document.createElement(heading(Number(element.tagName[1])))
    lower.append(...element.childNodes)
    element.replaceWith(lower)
  }
  // What is wider than the screen is moved by keys as well.
  for (const wide of fragment.querySelectorAll('pre, table')) wide.setAttribute('tabindex', '0')
  return fragment
}
