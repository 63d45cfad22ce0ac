/** @file The models to begin with, and what suits each. */
import type { Progress, Source } from 'webformers'
import { embeddedModel } from '../../shared/embedded'

/** What model.json says. A server near the page may answer with its own: see e2e/serve-demos.mjs. */
export interface ModelSource {
  readonly repository: string
  /** The Hub, or the address of a mirror. */
  readonly endpoint: string
  /** Why it is not the Hub. */
  readonly notice?: string
}

export const readSource = async (): Promise<ModelSource> => (await fetch('./model.json')).json()

export type BaseName = 'embedded' | 'repository' | 'other'
export type Method = 'lora' | 'full'

export interface Base {
  readonly name: string
  open(): Promise<Source>
  /** Modules that the checkpoint lacks, which LoRA has to train whole. */
  readonly fresh: readonly string[]
  readonly learningRates: Readonly<Record<Method, number>>
}

const onHub = (name: string): Base => ({
  name,
  open: async () => name,
  fresh: [],
  learningRates: { lora: 1e-3, full: 1e-4 },
})

/** @param other the repository, where one is named */
export function baseOf(which: BaseName, { repository }: ModelSource, other: string): Base {
  if (which === 'repository') return onHub(repository)
  if (which === 'other') return onHub(other)
  return {
    name: 'Small BERT',
    open: embeddedModel,
    fresh: ['pooler'], // it was trained to tag words, which needs none
    learningRates: { lora: 5e-3, full: 1e-3 },
  }
}

/** 12400000 → '12.4 MB' */
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`

export const inWordsOf = ({ totals: { loaded, total } }: Progress): string =>
  total === undefined ? megabytes(loaded) : `${megabytes(loaded)} of ${megabytes(total)}`
