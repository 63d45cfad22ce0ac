/** @file What every model can do with its weights: save them, give them as files, push them, put them in an ONNX file. */
import type { Pushed, Repository, SaveTarget } from '@webformers/hub'
import type { PushModelOptions } from './push'
import type { ModelFilesOptions, SaveModelOptions } from './save'
import type { OnnxableModel, OnnxOptions } from './to-onnx'

export interface ModelSaving {
  /** Save the model in a directory, under a name in the browser, or as a zip archive that is downloaded: `config.json` and
   * safetensors, which Python loads. Gives the paths of the files. Like `save_pretrained` in Python.
   * @example
   * await model.savePretrained(await showDirectoryPicker({ mode: 'readwrite' }))
   * await model.savePretrained('indexeddb://my-model') // AutoModelForMaskedLM.fromPretrained('indexeddb://my-model')
   * await model.savePretrained('my-model.zip', { dtype: 'fp16', maxShardSize: '200MB' })
   * // ['config.json', 'model-00001-of-00002.safetensors', …, 'model.safetensors.index.json']
   * @throws {SaveError} when the target or `maxShardSize` makes no sense
   * @throws {StorageFullError} when there is no room: then nothing is left to be found
   * @throws {PermissionError} when the page may not write in the directory
   * @throws {FrozenModelError} when the model came as an exported graph
   */
  savePretrained(target: SaveTarget, options?: SaveModelOptions): Promise<string[]>
  /** The same files by path, for archives and uploads of one's own.
   * @example
   * const zip = await zipFiles({ ...(await model.toFiles()), ...(await tokenizer.toFiles()) })
   * @throws {SaveError} @throws {FrozenModelError}
   */
  toFiles(options?: ModelFilesOptions): Promise<Record<string, Blob>>
  /** Push these files to a repository of the Hub, which is made if it is not there, with a model card if it has none. Like
   * `push_to_hub` in Python.
   * @example
   * const { commitUrl } = await model.pushToHub('me/my-model', { token, private: true })
   * @throws {PushToHubError} whose `reason` tells a missing token, a missing right, a missing repository and the network apart
   * @throws {FrozenModelError}
   */
  pushToHub(repository: string, options?: PushModelOptions): Promise<Pushed>
  /** The model as one ONNX file, weights inside, in standard operations of opset 21; ids are int64. Like an export by
   * `optimum` in Python.
   * @example
   * const file = await model.toOnnx() // Blob
   * @throws {GraphError} when it would be larger than 2 GB, which protobuf can't hold
   * @throws {FrozenModelError} when the model came as an exported graph: then the file is there already
   */
  toOnnx(options?: OnnxOptions): Promise<Blob>
}

/** A model as saving sees it. Its outputs and its weights may be others at each call. */
export interface ModelToSave extends Omit<OnnxableModel, 'repository'> {}

export function savingOf(model: ModelToSave, repository: Repository): ModelSaving {
  const whole = (): OnnxableModel => {
    const { client, files, policy, configured, head, outputs, adapters } = model
    return { client, files, policy, configured, head, outputs, adapters, repository }
  }
  return {
    savePretrained: async (target, options) => (await import('./save')).saveModel(whole(), target, options),
    toFiles: async (options) => (await import('./save')).modelFiles(whole(), options),
    pushToHub: async (name, options) => (await import('./push')).pushModel(whole(), name, options),
    toOnnx: async (options) => (await import('./to-onnx')).toOnnx(whole(), options),
  }
}
