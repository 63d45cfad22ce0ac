/** @file The few words this page needs to speak to the DOM. */

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

const announcements = () => element('announcements', HTMLElement)

/** Tell those who listen instead of look. */
export function announce(text: string): void {
  announcements().textContent = text
}

export const count = (n: number) => n.toLocaleString('en')
export const percent = (share: number) => `${Math.round(share * 100)} %`
export const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`

/** With the quotation marks of a printed book instead of a typewriter's. */
export const typeset = (text: string) =>
  text
    .replace(/(^|[\s(—-])"/g, '$1“')
    .replaceAll('"', '”')
    .replace(/(^|[\s(—“-])'/g, '$1‘')
    .replaceAll("'", '’')
