/** @file How this page speaks to those who listen, and writes numbers. */
import { element } from '../../shared/dom'

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
