/** @file For tests in a browser: the models that are recorded beside their architectures, as repositories `bert/masked-lm` and
 * their like, and what Python says of them. */
import { openCheckpoint } from '@webformers/hub'
import type { Head } from '@webformers/models'
import { expect } from 'vitest'
import * as auto from '../auto'
import type { LoadOptions } from '../load-options'
import type { PreTrainedModel } from '../model'
import { type Tensor, tensor } from '../tensor'
import { type HubFiles, hubOf } from './hub'

const urls = import.meta.glob<string>('../../../models/src/*/fixture/*/*', {
  query: '?url',
  import: 'default',
  eager: true,
})
export const recordedFiles: HubFiles = Object.fromEntries(
  Object.entries(urls).map(([path, url]) => [
    path.replace('../../../models/src/', '').replace('/fixture/', '/'),
    async () => (await fetch(url)).blob(),
  ]),
)

const classes: Readonly<Partial<Record<Head, auto.AutoModelClass>>> = {
  Model: auto.AutoModel,
  EncoderModel: auto.AutoModelForTextEncoding,
  ForMaskedLM: auto.AutoModelForMaskedLM,
  ForCausalLM: auto.AutoModelForCausalLM,
  ForConditionalGeneration: auto.AutoModelForSeq2SeqLM,
  ForSequenceClassification: auto.AutoModelForSequenceClassification,
  ForTokenClassification: auto.AutoModelForTokenClassification,
  ForQuestionAnswering: auto.AutoModelForQuestionAnswering,
  ForMultipleChoice: auto.AutoModelForMultipleChoice,
  ForImageClassification: auto.AutoModelForImageClassification,
  ForCTC: auto.AutoModelForCTC,
  ForAudioClassification: auto.AutoModelForAudioClassification,
  ForAudioFrameClassification: auto.AutoModelForAudioFrameClassification,
  ForXVector: auto.AutoModelForAudioXVector,
  ForDepthEstimation: auto.AutoModelForDepthEstimation,
  ForObjectDetection: auto.AutoModelForObjectDetection,
  ForPoseEstimation: auto.VitPoseForPoseEstimation,
  ForKeypointDetection: auto.AutoModelForKeypointDetection,
  ForSegmentation: auto.AutoModelForImageSegmentation,
  ForSemanticSegmentation: auto.AutoModelForSemanticSegmentation,
}

/** The head that a recorded model has. */
export async function headOf(repository: string): Promise<Head> {
  const config = JSON.parse(await (await recordedFiles[`${repository}/config.json`]!()).text())
  const [head] = String(config.architectures).match(/(EncoderModel|LMHeadModel|MTModel|Model|For[A-Z]\w+)$/)!
  if (head === 'LMHeadModel') return 'ForCausalLM'
  return head === 'MTModel' ? 'ForConditionalGeneration' : (head as Head)
}

/** A recorded model, with its head. */
export async function openRecorded(
  repository: string,
  options: LoadOptions = { device: 'wasm' },
): Promise<PreTrainedModel> {
  const found = classes[await headOf(repository)]!
  return found.fromPretrained(repository, { fetch: hubOf(recordedFiles), cache: false, ...options })
}

/** The tensors of one of its files. */
export async function readRecorded(repository: string, file: string): Promise<Record<string, Tensor>> {
  const checkpoint = await openCheckpoint({ [file]: await recordedFiles[`${repository}/${file}`]!() })
  const entries = [...checkpoint.entries].map(async ([key, { dtype, shape }]) => {
    const { buffer } = Uint8Array.from(await checkpoint.bytes(key))
    const data = dtype === 'I32' ? new Int32Array(buffer) : new Float32Array(buffer)
    return [key, tensor(data, shape, dtype === 'I32' ? 'int32' : 'float32')] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

/** What is recorded of a tensor: its shape, sum(x · cos(0, 1, 2, …)) and its norm. */
export type Digest = readonly [shape: readonly number[], wave: number, norm: number]

export function digestOf({ shape, data }: Tensor): Digest {
  const values = Array.from(data as Float32Array)
  return [shape, values.reduce((sum, x, i) => sum + x * Math.cos(i), 0), Math.hypot(...values)]
}

/** How far a tensor is from what was recorded of it, to the recorded norm. */
export function difference(x: Tensor, [shape, wave, norm]: Digest): number {
  const [found, ...numbers] = digestOf(x)
  expect(found).toEqual(shape)
  return Math.max(Math.abs(numbers[0] - wave), Math.abs(numbers[1] - norm)) / norm
}
