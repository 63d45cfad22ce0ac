/** @file The few words a page needs to speak to the DOM. */

/** The element that index.html promises under an id. */
export function element<T extends HTMLElement>(id: string, type: abstract new () => T): T {
  const found = document.getElementById(id)
  if (found instanceof type) return found
  throw new Error(`index.html has no ${type.name} #${id}.`)
}

/** A new element; `properties` are its own, `children` are nodes or text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const created = Object.assign(document.createElement(tag), properties)
  created.append(...children)
  return created
}
