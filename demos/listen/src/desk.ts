/** @file One sound at a time: it is read, drawn, written down, and can be stopped at any moment. */
import { loadAudio } from 'webformers'
import { element } from '../../shared/dom'
import { inWords } from '../../shared/failure'
import { clock, vtt } from './captions'
import { keepForm } from './keep-form'
import { deviceName, type ModelPanel } from './model-panel'
import { Pace } from './pace'
import { type Passage, passagesOf } from './passages'
import { Player } from './player'
import type { Recognizer } from './recognizer'
import { RATE, Sound } from './sound'
import { listen, type Microphone, watchFiles } from './sources'
import { FRAMES, Spectrogram } from './spectrogram'
import { Timeline } from './timeline'
import { Transcript } from './transcript'

/** Seconds of a passage while somebody speaks: shorter ones are final sooner. */
const LONGEST_LIVE = 12

/** What is heard, and what ends that. */
interface Session {
  readonly sound: Sound
  readonly live: boolean
  readonly controller: AbortController
  microphone?: Microphone
}

export class Desk {
  readonly #models: ModelPanel
  readonly #player = new Player((seconds) => {
    if (this.#session?.live) return
    this.#timeline.position = seconds
    this.#transcript.mark(seconds)
  })
  readonly #timeline = new Timeline((seconds) => this.#player.seek(seconds))
  readonly #transcript = new Transcript((seconds) => {
    this.#player.seek(seconds)
    this.#timeline.position = seconds
    this.#transcript.mark(seconds)
  })
  readonly #status = element('status', HTMLElement)
  /** Numbers that change too often to be read out. */
  readonly #figures = element('figures', HTMLElement)
  readonly #written = element('written', HTMLProgressElement)
  readonly #choose = element('choose', HTMLButtonElement)
  readonly #record = element('record', HTMLButtonElement)
  readonly #stop = element('stop', HTMLButtonElement)
  readonly #again = element('again', HTMLButtonElement)
  #session: Session | undefined
  #file: { readonly blob: Blob; readonly name: string } | undefined

  constructor(models: ModelPanel) {
    this.#models = models
    watchFiles((file) => void this.open(file, file.name))
    this.#record.addEventListener('click', () => void this.record())
    this.#stop.addEventListener('click', () => this.stop())
    this.#again.addEventListener(
      'click',
      () => this.#file && void this.open(this.#file.blob, this.#file.name),
    )
    document.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.stop()
    })
    keepForm({ words: () => this.#transcript.words, name: () => this.#file?.name ?? 'transcript' })
    this.#arrange()
  }

  /** Write a file down, in the place of what was there. */
  async open(blob: Blob, name: string): Promise<void> {
    const session = this.#begin(false)
    const { sound, controller } = session
    this.#say(`Reading ${name}`)
    await this.#watch(session, async () => {
      sound.append(await loadAudio(blob, { samplingRate: RATE, signal: controller.signal }))
      sound.end()
      this.#file = { blob, name }
      this.#player.open(blob)
      await this.#hear(session, sound.length / RATE)
    })
  }

  /** Write down what the microphone hears. */
  async record(): Promise<void> {
    const session = this.#begin(true)
    const { sound, controller } = session
    this.#say('Waiting for the microphone: the browser may ask you.')
    await this.#watch(session, async () => {
      session.microphone = await listen(sound, controller.signal)
      this.#say('Recording.')
      this.#arrange()
      const name = `Recording ${new Date().toISOString().slice(0, 16).replace(':', '.')}.wav`
      const kept = session.microphone.recorded.then((blob) => {
        session.microphone = undefined
        const isAnother = this.#session && this.#session !== session
        if (isAnother || sound.length === 0) return
        this.#file = { blob, name }
        this.#player.open(blob)
        this.#arrange()
      })
      await Promise.all([kept, this.#hear(session)])
    })
  }

  /** The microphone first, what is written then. */
  stop(): void {
    const session = this.#session
    if (session?.microphone) session.microphone.stop()
    else session?.controller.abort()
  }

  #begin(live: boolean): Session {
    this.#session?.controller.abort()
    this.#session = { sound: new Sound(), live, controller: new AbortController() }
    this.#file = undefined
    this.#player.open(undefined)
    this.#transcript.clear()
    this.#timeline.show(new Spectrogram())
    element('kept', HTMLElement).textContent = ''
    this.#written.removeAttribute('value')
    this.#arrange()
    return this.#session
  }

  /** A session to its end, however it ends. */
  async #watch(session: Session, work: () => Promise<void>): Promise<void> {
    const { controller, sound } = session
    try {
      await work()
    } catch (error) {
      if (this.#session !== session) return
      if (controller.signal.aborted) this.#say('Stopped.')
      else this.#say(inWords(error), true)
      controller.abort() // whatever else it does
    } finally {
      sound.end()
      if (this.#session === session) {
        this.#session = undefined
        this.#transcript.pending = ''
        this.#arrange()
      }
    }
  }

  /** Draw a sound and write it down, each as fast as it goes. @param duration in seconds, where it is known */
  async #hear(session: Session, duration?: number): Promise<void> {
    const { sound, live, controller } = session
    const { signal } = controller
    const spectrogram = new Spectrogram()
    this.#timeline.show(spectrogram, duration)
    const drawn = () => {
      if (live) this.#timeline.follow(sound.length / RATE)
      else this.#timeline.drawSoon()
    }
    const drawing = spectrogram.follow(sound, drawn, signal)
    const writing = this.#write(session, (seconds) => {
      sound.forget(Math.min(seconds, spectrogram.frames / FRAMES - 1) * RATE)
    })
    await Promise.all([drawing, writing])
  }

  /** @param done told up to which second all is final */
  async #write(session: Session, done: (seconds: number) => void): Promise<void> {
    const { sound, live, controller } = session
    const { signal } = controller
    const recognizer = await until(signal, this.#models.load())
    signal.throwIfAborted()
    if (!recognizer) throw new Error('There is no model to listen: see its settings.')
    const longest = live ? Math.min(LONGEST_LIVE, recognizer.longest) : recognizer.longest
    const pace = new Pace()
    const ear = (samples: Float32Array, firm: boolean) =>
      recognizer.hear(samples, {
        ...this.#models.manner,
        signal,
        // Live, the words of the look before are better than half of a new one.
        ...(firm && !live && { onText: (text: string) => this.#showPending(session, text) }),
      })
    this.#say('Listening.')
    for await (const passage of passagesOf(sound, ear, { longest, live, signal })) {
      this.#transcript.add(passage)
      if (passage.final) {
        pace.add(passage.end - passage.start, passage.took)
        done(passage.end)
      }
      this.#tell(passage, sound, pace, live)
      this.#arrange()
    }
    this.#player.captions = vtt(this.#transcript.words)
    this.#say(this.#ending(pace, recognizer))
  }

  #showPending(session: Session, text: string) {
    if (this.#session === session) this.#transcript.pending = text
  }

  #tell({ end }: Passage, sound: Sound, pace: Pace, live: boolean) {
    const length = sound.length / RATE
    this.#written.value = end / length
    const progress =
      live && !sound.ended
        ? `${Math.max(0, length - end).toFixed(1)} s behind`
        : `${clock(end)} of ${clock(length)}`
    this.#figures.textContent = [progress, pace.inWords()].filter(Boolean).join(', ')
  }

  #ending(pace: Pace, recognizer: Recognizer): string {
    if (this.#transcript.words.length === 0) return 'Nothing was said that the model understood.'
    return `${pace.summary()}, on ${deviceName(recognizer)}.`
  }

  #arrange() {
    const session = this.#session
    this.#record.hidden = session?.live === true
    this.#choose.disabled = session?.microphone !== undefined
    this.#stop.hidden = session === undefined
    this.#stop.textContent = session?.microphone ? 'Stop recording' : 'Stop'
    this.#again.hidden = session !== undefined || this.#file === undefined
    this.#written.hidden = session === undefined
    this.#models.inUse = session !== undefined
    element('recording', HTMLElement).hidden = session?.microphone === undefined
    element('empty', HTMLElement).hidden = session !== undefined || this.#transcript.words.length > 0
    element('keep', HTMLElement).hidden = this.#transcript.words.length === 0
    element('transcript', HTMLElement).setAttribute(
      'aria-busy',
      String(session !== undefined && !session.live),
    )
  }

  #say(words: string, alarm = false) {
    this.#status.textContent = words
    this.#figures.textContent = ''
    this.#status.classList.toggle('alarm', alarm)
  }
}

/** What comes, unless somebody gives it up before. */
const until = <T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> =>
  Promise.race([
    work,
    new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined), { once: true })
    }),
  ])
