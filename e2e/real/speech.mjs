/**
 * @file Lays out recorded speech under `.cache/speech`: part of Kennedy's inaugural address, and five sentences of a LibriVox reading of
 * Sense and Sensibility with what is read. `node e2e/real/speech.mjs` does it by hand.
 */
import { execFile } from 'node:child_process'
import { copyFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { npm, prepareFolder, withPackage } from './tokenizers-packages.mjs'

const run = promisify(execFile)
const cache = fileURLToPath(new URL('../../.cache/speech/', import.meta.url))
const jfk = npm('nodejs-whisper@0.3.1', '92041caf2b26c74b7f489fedf37bd093f216eebd61df512045ec2d19d0531d37')

/** @returns the folder of `jfk.wav`, 11 seconds at 16,000 samples each */
export const prepareJfk = () =>
  prepareFolder(join(cache, 'jfk'), (folder) =>
    withPackage(jfk, (unpacked) =>
      copyFile(join(unpacked, 'cpp/whisper.cpp/bindings/go/samples/jfk.wav'), join(folder, 'jfk.wav')),
    ),
  )

/**
 * From Debian's package `pocketsphinx-testdata`, where apt is.
 * @returns the folder of five files and of `transcription.json`, which says what is read in each
 */
export const prepareLibriVox = () =>
  prepareFolder(join(cache, 'librivox'), async (folder) => {
    const download = await mkdtemp(join(tmpdir(), 'speech-'))
    try {
      await run('apt-get', ['download', 'pocketsphinx-testdata'], { cwd: download })
      const [archive] = await readdir(download)
      await run('dpkg-deb', ['-x', archive, 'unpacked'], { cwd: download })
      const from = join(download, 'unpacked/usr/share/pocketsphinx/test/data/librivox')
      await cp(from, folder, { recursive: true })
      const lines = (await readFile(join(from, 'transcription'), 'utf8')).trim().split('\n')
      const texts = lines.map((line) => line.match(/^<s> (.*) <\/s> \((.*)\)$/).slice(1))
      const named = Object.fromEntries(texts.map(([text, name]) => [`${name}.wav`, text]))
      await writeFile(join(folder, 'transcription.json'), JSON.stringify(named, null, 1))
    } finally {
      await rm(download, { recursive: true, force: true })
    }
  })

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(`Speech lies in ${await prepareJfk()} and ${await prepareLibriVox()}`)
