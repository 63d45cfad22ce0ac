/** @file The models of the Hub, one of them loaded at a time. */
import {
  type Classification,
  type DetectedObject,
  type Device,
  type EstimatedDepth,
  type ImageSegment,
  OfflineError,
  type Progress,
  pipeline,
} from 'webformers'
import { type View, ways } from './views'

/** Which model to look with. */
export interface Choice {
  readonly view: View
  readonly repository: string
  readonly device: 'auto' | Device
}

export interface Loading {
  readonly signal: AbortSignal
  onProgress(progress: Progress): void
}

/** What was seen, by what was looked for. */
export type Seen =
  | { readonly view: 'labels'; readonly found: Classification[] }
  | { readonly view: 'boxes'; readonly found: DetectedObject[] }
  | { readonly view: 'masks'; readonly found: ImageSegment[] }
  | { readonly view: 'depth'; readonly found: EstimatedDepth }

/** A model that is loaded. */
export interface Looker {
  readonly choice: Choice
  readonly device: Device
  look(picture: ImageBitmap | HTMLCanvasElement): Promise<Seen>
  dispose(): Promise<void>
}

/** All boxes are asked for; the page shows those that are sure enough. */
const LEAST = 0.05

const keyOf = ({ view, repository, device }: Choice) => JSON.stringify([view, repository, device])

export class Models {
  #looker: Looker | undefined

  constructor(readonly endpoint: string) {}

  /** The model that is chosen, if it is loaded. */
  loaded(choice: Choice): Looker | undefined {
    return this.#looker && keyOf(this.#looker.choice) === keyOf(choice) ? this.#looker : undefined
  }

  /** Load a model in the place of the one before. */
  async load(choice: Choice, loading: Loading, localFilesOnly = false): Promise<Looker> {
    await this.#looker?.dispose()
    this.#looker = undefined
    this.#looker = await open(choice, { ...loading, endpoint: this.endpoint, localFilesOnly })
    return this.#looker
  }

  /** The same without the network. @returns nothing when an earlier visit has not stored it */
  async restore(choice: Choice, loading: Loading): Promise<Looker | undefined> {
    try {
      return await this.load(choice, loading, true)
    } catch (error) {
      if (error instanceof OfflineError) return undefined
      throw error
    }
  }
}

async function open(
  choice: Choice,
  { endpoint, localFilesOnly, ...loading }: Loading & { endpoint: string; localFilesOnly: boolean },
): Promise<Looker> {
  const { view, repository: source, device } = choice
  const options = { device, endpoint, localFilesOnly, ...loading }
  const lookers = {
    labels: async () => {
      const { task } = ways.labels
      const label = await pipeline(task, source, options)
      return lookerOf(label, async (picture) => ({ view: 'labels', found: await label(picture) }))
    },
    boxes: async () => {
      const detect = await pipeline(ways.boxes.task, source, { threshold: LEAST, ...options })
      return lookerOf(detect, async (picture) => ({ view: 'boxes', found: await detect(picture) }))
    },
    masks: async () => {
      const segment = await pipeline(ways.masks.task, source, options)
      return lookerOf(segment, async (picture) => ({ view: 'masks', found: await segment(picture) }))
    },
    depth: async () => {
      const measure = await pipeline(ways.depth.task, source, options)
      return lookerOf(measure, async (picture) => ({ view: 'depth', found: await measure(picture) }))
    },
  } as const satisfies Record<View, () => Promise<Looker>>
  return lookers[view]()

  function lookerOf(
    { model, dispose }: { readonly model: { readonly device: Device }; dispose(): Promise<void> },
    look: Looker['look'],
  ): Looker {
    return { choice, device: model.device, look, dispose }
  }
}
