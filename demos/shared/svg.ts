/** @file The one word a page needs to draw. */

const NAMESPACE = 'http://www.w3.org/2000/svg'

/** A new element of a picture. */
export function svg(name: string, attributes: Record<string, string | number>, text?: string): SVGElement {
  const element = document.createElementNS(NAMESPACE, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  if (text !== undefined) element.textContent = text
  return element
}
