/** @file The picture: ours, chosen, dropped, pasted, or what the camera shows; and what is drawn over it. */
import { element } from '../../shared/dom'
import cat from './cat.jpg'

/** Pictures are kept this large at most: no screen shows more of them. */
const LARGEST = 1280

export interface StageEvents {
  /** There is another picture. */
  change(): void
  failed(error: unknown): void
}

export class Stage {
  readonly image = element('image', HTMLCanvasElement)
  readonly overlay = element('overlay', HTMLCanvasElement)
  readonly #camera = element('camera', HTMLButtonElement)
  readonly #on: StageEvents
  #stream: MediaStream | undefined
  #video: HTMLVideoElement | undefined

  constructor(on: StageEvents) {
    this.#on = on
    // Whoever looks reads the pixels.
    for (const canvas of [this.image, this.overlay]) canvas.getContext('2d', { willReadFrequently: true })
    const file = element('file', HTMLInputElement)
    element('choose', HTMLButtonElement).addEventListener('click', () => file.click())
    file.addEventListener('change', () => {
      const [photo] = file.files ?? []
      if (photo) void this.#take(photo)
      file.value = ''
    })
    this.#camera.hidden = !navigator.mediaDevices
    this.#camera.addEventListener('click', () => void (this.live ? this.#endCamera() : this.#startCamera()))
    document.addEventListener('dragover', (event) => {
      if (event.dataTransfer?.types.includes('Files')) event.preventDefault()
    })
    document.addEventListener('drop', (event) => {
      const photo = imageIn(event.dataTransfer)
      if (!photo) return
      event.preventDefault()
      void this.#take(photo)
    })
    document.addEventListener('paste', (event) => {
      const photo = imageIn(event.clipboardData)
      if (photo) void this.#take(photo)
    })
  }

  /** Whether the picture is what the camera shows. */
  get live(): boolean {
    return this.#video !== undefined
  }

  /** What there is to look at before anybody chose something. */
  async showCat(): Promise<void> {
    const bitmap = await createImageBitmap(await (await fetch(cat)).blob())
    this.#show(bitmap, bitmap.width, bitmap.height, 'A cat that looks into the camera')
  }

  /** The camera's newest picture, where it is on. */
  refresh(): void {
    const video = this.#video
    if (video?.videoWidth) this.#show(video, video.videoWidth, video.videoHeight, 'What the camera shows')
  }

  async #take(photo: Blob): Promise<void> {
    try {
      const bitmap = await createImageBitmap(photo)
      this.#endCamera()
      this.#show(bitmap, bitmap.width, bitmap.height, photo instanceof File ? photo.name : 'A photo')
      bitmap.close()
      this.#on.change()
    } catch {
      this.#on.failed(new Error('This file is no picture that the browser can read.'))
    }
  }

  async #startCamera(): Promise<void> {
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
      const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true })
      video.srcObject = this.#stream
      await video.play()
      this.#video = video
      this.#camera.setAttribute('aria-pressed', 'true')
      this.refresh()
      this.#on.change()
    } catch (error) {
      this.#endCamera()
      const refused = error instanceof DOMException && error.name === 'NotAllowedError'
      this.#on.failed(
        new Error(refused ? 'The browser was not allowed to use the camera.' : 'There is no camera to use.'),
      )
    }
  }

  #endCamera() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop()
    this.#stream = this.#video = undefined
    this.#camera.setAttribute('aria-pressed', 'false')
  }

  #show(source: CanvasImageSource, width: number, height: number, words: string) {
    const scale = Math.min(1, LARGEST / Math.max(width, height))
    const size = { width: Math.round(width * scale), height: Math.round(height * scale) }
    Object.assign(this.image, size)
    Object.assign(this.overlay, size)
    this.image.parentElement!.style.setProperty('--ratio', String(width / height))
    this.image.getContext('2d')!.drawImage(source, 0, 0, size.width, size.height)
    this.image.setAttribute('aria-label', words)
  }
}

const imageIn = (data: DataTransfer | null): File | undefined =>
  [...(data?.files ?? [])].find(({ type }) => type.startsWith('image/'))
