/** @file Puts the page together: the sentence, its words, the heads and their effects, the lengths of inner vectors. */
import '../../shared/theme.css'
import '../../shared/frame.css'
import '../../shared/controls.css'
import './style.css'
import { element, make } from '../../shared/dom'
import { inWords } from '../../shared/failure'
import { latest } from '../../shared/latest'
import { register } from '../../shared/register'
import { type Effect, HeadGrid } from './head-grid'
import { showNorms } from './norms'
import { changes, loss, type Reading, Tagger, type Word } from './tagger'
import { showWords } from './words'

await register((changeOver) => {
  element('update', HTMLElement).hidden = false
  element('change-over', HTMLButtonElement).onclick = changeOver
})

const runtime = element('runtime', HTMLElement)
const verdict = element('verdict', HTMLElement)

function failed(error: unknown): void {
  verdict.textContent = inWords(error)
  verdict.classList.add('alarm')
}

function begin(tagger: Tagger): void {
  const input = element('sentence', HTMLInputElement)
  const words = element('words', HTMLElement)
  const kind = element('kind', HTMLSelectElement)
  const unmask = element('unmask', HTMLButtonElement)
  const headReadout = element('head-readout', HTMLElement)
  const normReadout = element('norm-readout', HTMLElement)
  let answer: Word[] = []
  let reading: Reading | undefined
  let measuring = new AbortController()

  const grid = new HeadGrid(element('heads', HTMLElement), tagger.layers, tagger.heads, {
    change: () => read(input.value),
    read: (text) => {
      headReadout.textContent = text
    },
  })

  const read = latest(async (sentence: string) => {
    if (sentence.trim() === '') return
    try {
      const { masked } = grid
      const sameSentence = reading?.sentence === sentence
      if (!sameSentence) {
        measuring.abort()
        answer = await tagger.tag(sentence, [])
      }
      reading = await tagger.read(sentence, masked)
      show(reading)
      if (!sameSentence) void measure(sentence, answer)
    } catch (error) {
      failed(error)
    }
  })

  function show(now: Reading) {
    const { masked } = grid
    showWords(words, now.words, answer, (tag) => tagger.nameOf(tag))
    element('pictures', HTMLElement).hidden = false
    grid.show(now)
    drawNorms()
    unmask.hidden = masked.length === 0
    verdict.classList.remove('alarm')
    verdict.textContent = inSentence(masked.length, changes(answer, now.words), loss(answer, now.words))
  }

  /** Without each head in turn. */
  async function measure(sentence: string, whole: readonly Word[]): Promise<void> {
    measuring = new AbortController()
    const { signal } = measuring
    const effects: Effect[] = []
    grid.showEffects(effects)
    try {
      for (let i = 0; i < tagger.layers * tagger.heads; i++) {
        const head = { layer: Math.floor(i / tagger.heads), head: i % tagger.heads }
        const without = await tagger.tag(sentence, [head], signal)
        if (signal.aborted) return
        effects.push({ loss: loss(whole, without), changes: changes(whole, without) })
        grid.showEffects(effects)
      }
    } catch (error) {
      if (!signal.aborted) failed(error)
    }
  }

  function drawNorms() {
    if (!reading) return
    if (kind.options.length === 0)
      kind.append(...[...reading.norms.keys()].map((name) => make('option', {}, name)))
    showNorms(element('norms', HTMLElement), reading, kind.value, (text) => {
      normReadout.textContent = text
    })
  }

  kind.addEventListener('change', drawNorms)
  unmask.addEventListener('click', () => {
    grid.unmask()
    read(input.value)
    input.focus()
  })
  input.addEventListener('input', () => read(input.value))
  element('look', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault())
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => reading && grid.show(reading))
  read(input.value)
}

function inSentence(masked: number, changed: number, lost: number): string {
  if (masked === 0) return 'All heads take part.'
  const heads = masked === 1 ? 'One head is masked' : `${masked} heads are masked`
  const words = changed === 1 ? '1 word has another tag' : `${changed || 'no'} words have another tag`
  const share = `${Math.abs(100 * lost).toFixed(1)} points of probability ${lost < 0 ? 'gained' : 'lost'}`
  return `${heads}: ${words}, ${share}.`
}

try {
  const tagger = await Tagger.load()
  const { layers, heads } = tagger
  runtime.textContent = `${layers} layers of ${heads} heads`
  element('about', HTMLElement).textContent =
    'The model was trained in a tab, on the Brown corpus: npm run train:tagger.'
  begin(tagger)
} catch (error) {
  runtime.textContent = 'No model'
  failed(error)
}
