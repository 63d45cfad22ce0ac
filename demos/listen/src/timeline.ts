/** @file The picture of a sound: half a minute of its spectrogram at once, with the time below it and a line where it is played. */
import { element, make } from '../../shared/dom'
import { ticks } from '../../shared/ticks'
import { clock } from './captions'
import { palette } from './palette'
import { FRAMES, heightOf, MELS, SCALE, Spectrogram } from './spectrogram'

/** Seconds that are shown at once: as many as fit. */
const MOST = 30
const FEWEST = 8
/** Pixels for a second, at least. */
const DENSITY = 36
/** What is quieter than the loudest by more powers of ten than that is not shown. */
const RANGE = 6
const MARKED = [250, 1000, 4000] // hertz

/** Seconds that a key moves. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -10,
  PageUp: 10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

export class Timeline {
  readonly #slider = element('timeline', HTMLElement)
  readonly #canvas = element('spectrogram', HTMLCanvasElement)
  readonly #axis = element('axis', HTMLElement)
  readonly #line = element('position', HTMLElement)
  readonly #pixels = document.createElement('canvas')
  #colours = palette(this.#canvas)
  #spectrogram = new Spectrogram()
  #duration = 0
  #position = 0
  #from = 0
  #waiting = false

  /** @param seek called with where somebody wants to be, in seconds */
  constructor(seek: (seconds: number) => void) {
    const go = (seconds: number) => {
      const place = Math.max(0, Math.min(this.#duration, seconds))
      seek(place)
      this.position = place // the next key may come before the player tells
    }
    this.#slider.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return
      const { left, width } = this.#canvas.getBoundingClientRect()
      go(this.#from + ((event.clientX - left) / width) * this.#span)
    })
    this.#slider.addEventListener('keydown', (event) => {
      const step = STEPS[event.key]
      if (step === undefined) return
      event.preventDefault()
      go(this.#position + step)
    })
    new ResizeObserver(() => this.drawSoon()).observe(this.#slider)
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#colours = palette(this.#canvas)
      this.drawSoon()
    })
    const marks = MARKED.map((hertz) => {
      const mark = make('span', {}, hertz < 1000 ? `${hertz} Hz` : `${hertz / 1000} kHz`)
      mark.style.bottom = `${100 * heightOf(hertz)}%`
      return mark
    })
    element('frequencies', HTMLElement).append(...marks)
  }

  /** Begin with another sound. @param duration in seconds, where it is known */
  show(spectrogram: Spectrogram, duration = 0): void {
    this.#spectrogram = spectrogram
    this.#duration = duration
    this.#from = this.#position = 0
    this.drawSoon()
  }

  /** What was heard up to here, the end in sight. */
  follow(duration: number): void {
    this.#duration = duration
    this.#position = duration
    this.#from = Math.max(0, duration - this.#span)
    this.drawSoon()
  }

  /** The sound is as long as that. */
  set duration(seconds: number) {
    this.#duration = seconds
    this.drawSoon()
  }

  /** Where it is played. */
  set position(seconds: number) {
    this.#position = seconds
    const span = this.#span
    if (seconds < this.#from || seconds >= this.#from + span) this.#from = Math.floor(seconds / span) * span
    this.drawSoon()
  }

  get #span(): number {
    return Math.max(FEWEST, Math.min(MOST, Math.floor(this.#slider.clientWidth / DENSITY)))
  }

  /** Once a frame, however much comes. */
  drawSoon(): void {
    if (this.#waiting) return
    this.#waiting = true
    requestAnimationFrame(() => {
      this.#waiting = false
      this.#draw()
    })
  }

  #draw() {
    const span = this.#span
    this.#drawPicture(span)
    const place = (seconds: number) => `${(100 * (seconds - this.#from)) / span}%`
    this.#axis.replaceChildren(
      ...ticks(this.#from, this.#from + span, span / 5).map((seconds) => {
        const mark = make('span', {}, clock(seconds))
        mark.style.left = place(seconds)
        return mark
      }),
    )
    this.#line.style.left = place(this.#position)
    const whole = Math.round(this.#duration * 10) / 10
    const now = Math.round(this.#position * 10) / 10
    this.#slider.setAttribute('aria-valuemax', String(whole))
    this.#slider.setAttribute('aria-valuenow', String(now))
    this.#slider.setAttribute('aria-valuetext', `${clock(now)} of ${clock(whole)}`)
  }

  /** A column of pixels shows the loudest of its frames. */
  #drawPicture(span: number) {
    const width = Math.round(this.#canvas.clientWidth * Math.min(2, devicePixelRatio))
    const height = Math.round(this.#canvas.clientHeight * Math.min(2, devicePixelRatio))
    if (width === 0 || height === 0) return
    Object.assign(this.#canvas, { width, height })
    Object.assign(this.#pixels, { width, height: MELS })
    const image = new ImageData(width, MELS)
    const colours = new Uint32Array(image.data.buffer)
    const { frames, loudest } = this.#spectrogram
    const lowest = Math.max(0, loudest - RANGE * SCALE)
    const range = Math.max(1, loudest - lowest)
    const shade = (level: number) => this.#colours[Math.max(0, Math.round((255 * (level - lowest)) / range))]!
    const levels = new Uint8Array(MELS)
    const frameAt = (column: number) => Math.floor((this.#from + (span * column) / width) * FRAMES)
    for (let column = 0; column < width; column++) {
      const first = frameAt(column)
      const last = Math.min(frames, Math.max(first + 1, frameAt(column + 1)))
      levels.fill(0)
      for (let frame = first; frame < last; frame++) {
        const bytes = this.#spectrogram.frame(frame)
        for (let mel = 0; mel < MELS; mel++) if (bytes[mel]! > levels[mel]!) levels[mel] = bytes[mel]!
      }
      for (let mel = 0; mel < MELS; mel++) colours[(MELS - 1 - mel) * width + column] = shade(levels[mel]!)
    }
    this.#pixels.getContext('2d')!.putImageData(image, 0, 0)
    this.#canvas.getContext('2d')!.drawImage(this.#pixels, 0, 0, width, height)
  }
}
