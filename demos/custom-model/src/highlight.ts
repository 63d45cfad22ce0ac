/** @file Source text with its comments, keywords and strings told apart. */
import { make } from '../../shared/dom'

const parts = /(\/\*\*[\s\S]*?\*\/|\/\/.*)|('[^']*')|\b(import|from|const|return|type|as|export)\b/g

/** @param source short enough to be read at once */
export function highlight(source: string): DocumentFragment {
  const shown = document.createDocumentFragment()
  let end = 0
  for (const match of source.matchAll(parts)) {
    const [whole, comment, text] = match
    shown.append(source.slice(end, match.index))
    shown.append(make('span', { className: comment ? 'comment' : text ? 'text' : 'keyword' }, whole))
    end = match.index + whole.length
  }
  shown.append(source.slice(end))
  return shown
}
