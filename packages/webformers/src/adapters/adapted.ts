/** @file What adapters make of a model, as everything sees it that computes with the model. */
import type { Program } from '@webformers/graph'
import type { SavedTensor } from '@webformers/hub'
import type { Adapt } from '@webformers/models'
import type { PlainTensors } from '@webformers/runtime'
import type { Request } from '../requests'

export interface Adapted {
  /** The names of the parameters that training changes. */
  readonly trained: readonly string[]
  /** Whether a parameter of that name is an adapter's. */
  has(name: string): boolean
  /** What adapters add to the parameters of the model, whether they are active or not. */
  readonly added: readonly AddedParameter[]
  /** A call with the adapters that are active. */
  request<R extends Pick<Request, 'hooks' | 'key' | 'inputs'>>(request: R): R
  /** Inputs with places for virtual tokens before each text. */
  feed(inputs: PlainTensors, program: Program): PlainTensors
  /** Outputs without those places; hidden states, attentions and inner values keep them. */
  answer(outputs: PlainTensors, program: Program): PlainTensors
  /** How a model is called that is to be differentiated by the parameters of adapters. */
  training(): AdaptedTraining
  /** Take trained weights; gives those that are no adapter's. */
  adopt(weights: readonly SavedTensor[]): Promise<SavedTensor[]>
  /** The files of the active adapter; nothing where the model is to be saved as a whole. */
  files(): Promise<Record<string, Blob> | undefined>
  /** The weights in such files. */
  weightsIn(files: Readonly<Record<string, Blob>>): Promise<SavedTensor[]>
}

export interface AddedParameter {
  readonly name: string
  readonly shape: readonly number[]
}

export interface AdaptedTraining {
  readonly adapt?: Adapt
  /** Parameters with what adapters have made of them, and those of the adapters. */
  readonly changed: readonly SavedTensor[]
  /** The parameters of the adapters as inputs. */
  readonly inputs: PlainTensors
}
