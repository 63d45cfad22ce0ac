/** @file The sound, to be played, and where that is. */
import { element } from '../../shared/dom'

export class Player {
  readonly #audio = element('audio', HTMLAudioElement)
  readonly #told: (seconds: number) => void

  /** @param told where it is, with every picture that the screen shows while it plays */
  constructor(told: (seconds: number) => void) {
    this.#told = told
    this.#audio.addEventListener('play', () => this.#follow())
    for (const event of ['seeking', 'timeupdate'] as const)
      this.#audio.addEventListener(event, () => told(this.#audio.currentTime))
  }

  /** Put another sound in, or none. */
  open(sound: Blob | undefined): void {
    URL.revokeObjectURL(this.#audio.src)
    this.#audio.hidden = sound === undefined
    if (sound) this.#audio.src = URL.createObjectURL(sound)
    else this.#audio.removeAttribute('src')
  }

  /** What is said in it, as WebVTT. */
  set captions(vtt: string) {
    const track = element('captions', HTMLTrackElement)
    URL.revokeObjectURL(track.src)
    track.src = URL.createObjectURL(new Blob([vtt], { type: 'text/vtt' }))
  }

  seek(seconds: number): void {
    if (!this.#audio.hidden) this.#audio.currentTime = seconds
  }

  #follow() {
    if (this.#audio.paused) return
    this.#told(this.#audio.currentTime)
    requestAnimationFrame(() => this.#follow())
  }
}
