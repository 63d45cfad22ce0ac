/** @file The adapter of one language of a Wav2Vec2 of many: small layers and the scores of its characters, in the place of others. */
import { openCheckpoint, type Repository, type SavedTensor } from '@webformers/hub'
import type { Programs } from '../programs'
import { tensorsOf } from '../surgery/model-parameters'
import { reconfigured } from '../surgery/reconfigured'
import { AdapterError } from './errors'
import { listed } from './plan'

/** Like `load_adapter` of `Wav2Vec2ForCTC` in Python.
 * @throws {FileNotFoundError} when the repository has no such language
 * @throws {AdapterError} when its file is another model's */
export async function loadLanguage(
  model: Programs,
  repository: Repository,
  language: string,
  signal?: AbortSignal,
): Promise<void> {
  const [safetensors, pickled] = [`adapter.${language}.safetensors`, `adapter.${language}.bin`]
  const path = (await repository.has(safetensors, { signal })) ? safetensors : pickled
  const checkpoint = await openCheckpoint({ [path]: await repository.file(path, { signal }) })
  const found = [...checkpoint.entries.values()]
  const places = new Map(
    tensorsOf(model).flatMap(({ paths: [name], shape }) =>
      /\.adapter_layer\.|^lm_head\./.test(name!) ? [[name!, shape] as const] : [],
    ),
  )
  // Every language has characters of its own.
  const fits = ({ name, shape }: (typeof found)[number]) => {
    const place = places.get(name)
    return place && String(name.startsWith('lm_head.') ? shape.with(0, place[0]!) : shape) === String(place)
  }
  const wrong = found.filter((entry) => !fits(entry)).map(({ name }) => name)
  const missing = [...places.keys()].filter((name) => !checkpoint.entries.has(name))
  if (wrong.length > 0 || missing.length > 0)
    throw new AdapterError(
      `${path} of ${repository.name} is no language of this model: ${[
        ...(missing.length > 0 ? [`it lacks ${listed(missing)}`] : []),
        ...(wrong.length > 0 ? [`${listed(wrong)} is unknown, or of another shape`] : []),
      ].join('; ')}.`,
    )
  const tensors = found.map(
    async ({ name, dtype, shape }): Promise<SavedTensor> => ({
      name,
      dtype,
      shape,
      bytes: Uint8Array.from(await checkpoint.bytes(name)),
    }),
  )
  const scores = checkpoint.entries.get('lm_head.weight')
  const { configured } = model
  await model.change(
    await Promise.all(tensors),
    scores ? reconfigured(configured, { vocab_size: scores.shape[0]! }) : configured,
  )
}
