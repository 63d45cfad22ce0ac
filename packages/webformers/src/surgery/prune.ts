/** @file Pruning of attention heads: their rows and columns leave the weights, and the configuration says so. */
import type { SavedTensor } from '@webformers/hub'
import {
  ConfigurationError,
  type PrunedHeads,
  pruneConfig,
  prunedBlocks,
  takeRanges,
} from '@webformers/models'
import type { Programs } from '../programs'
import { storedTensors, tensorsOf } from './model-parameters'
import { reconfigured } from './reconfigured'

/** @throws {ConfigurationError} when there are no such heads, or not all that share keys and values are named */
export async function pruneHeads(model: Programs, heads: PrunedHeads): Promise<void> {
  const { configured, head } = model
  const after = reconfigured(configured, pruneConfig(configured.config, heads))
  const before = tensorsOf(model)
  const blocks = tensorsOf({ configured: after, head }).map(
    (parameter, i) => [parameter, prunedBlocks(before[i]!, parameter)] as const,
  )
  const cut = new Map(
    blocks.filter(([, places]) => places.length > 0).map((each) => [each[0].paths[0]!, each]),
  )
  const same = JSON.stringify(after.config.pruned_heads) === JSON.stringify(configured.config.pruned_heads)
  if (cut.size === 0 && !same) {
    throw new ConfigurationError(
      `${JSON.stringify(heads)} names no head that model_type "${configured.config.model_type}" has; its pruned_heads are ` +
        `${JSON.stringify(configured.config.pruned_heads)}. An architecture of your own says its heads with headsOf().`,
    )
  }
  const stored = await storedTensors(model, [...cut.keys()])
  const changed = stored.map(async ({ name, dtype, shape, bytes }): Promise<SavedTensor> => {
    const [parameter, places] = cut.get(name)!
    let [left, size] = [await read(bytes), [...shape]]
    for (const place of places) {
      left = takeRanges(left, size, place)
      size = size.with(place.axis, parameter.shape[place.axis]!)
    }
    return { name, dtype, shape: parameter.shape, bytes: new Blob([left]) }
  })
  await model.change(await Promise.all(changed), after)
}

const read = async (bytes: SavedTensor['bytes']) =>
  bytes instanceof Blob ? new Uint8Array(await bytes.arrayBuffer()) : bytes
