/** @file Texts with images among their words, as rows of a batch. */
import { OptionError } from '../errors'
import type { BatchFeature, Processor } from '../processing'
import { type Tensor, toList } from '../tensor'
import type { PromptRow } from './generate-rows'

/** The ids of one text, and what its model sees with it. */
export interface SeenRow extends PromptRow {
  readonly seen: BatchFeature
}

/** @throws {OptionError} when the processor takes texts for answers */
export function seenRow(
  { input_ids, attention_mask: _, ...seen }: BatchFeature,
  { processorClass }: Processor,
): SeenRow {
  if (!input_ids || seen.labels)
    throw new OptionError(
      `A ${processorClass} makes labels of texts, so its model goes on from none. Its tasks are image-to-text and document-question-answering.`,
    )
  return { ids: toList<number[][]>(input_ids)[0]!, seen }
}

/** Images of each of its texts: [texts, images, channels, height, width]. */
const RANK = 5

/** What is seen with several texts, as many images each; where a text has fewer, the last are blank. Nothing where images do not
 * stand among words, or there are none. */
export function besideRows(rows: readonly SeenRow[]): BatchFeature | undefined {
  const some = rows.find(({ seen }) => seen.pixel_values)?.seen
  if (some?.pixel_values?.shape.length !== RANK) return undefined
  return Object.fromEntries(
    Object.entries(some).map(([name, like]) => [
      name,
      stacked(
        rows.map(({ seen }) => seen[name]),
        like,
      ),
    ]),
  )
}

/** Tensors [1, images, …] as one, those that are short or missing filled up with zeros. */
function stacked(tensors: readonly (Tensor | undefined)[], { dtype, shape, data }: Tensor): Tensor {
  const rest = shape.slice(2)
  const images = Math.max(...tensors.map((each) => each?.shape[1] ?? 0))
  const size = rest.reduce((product, dim) => product * dim, images)
  const whole = new (data.constructor as new (length: number) => Float32Array)(size * tensors.length)
  for (const [i, each] of tensors.entries()) if (each) whole.set(each.data as Float32Array, i * size)
  return { dtype, shape: [tensors.length, images, ...rest], data: whole } as Tensor
}
