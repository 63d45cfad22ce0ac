/** @file What weights are held in, and computed with. */
import type { BlockType, Target } from '@webformers/graph'
import { readGgufBlocks } from '@webformers/hub'
import type { BlockChoice, Json, Rounding } from '@webformers/models'
import type { Capabilities, Device } from '@webformers/runtime'
import { OptionError } from './errors'
import type { LoadOptions, Precision } from './load-options'

/** What each takes of original weights: the blocks that matrices are rounded to, and the precision of the rest. */
const precisions: { readonly [P in Precision]: { blocks?: Rounding; half?: boolean } } = {
  fp32: {},
  fp16: { half: true },
  int8: {},
  q8: { blocks: { layers: 'Q8_0', vocabulary: 'Q8_0' } },
  q4: { blocks: { layers: 'Q4_0', vocabulary: 'Q8_0' } },
  q4f16: { blocks: { layers: 'Q4_0', vocabulary: 'Q8_0' }, half: true },
}
const withoutHalf = { fp16: 'fp32', q4f16: 'q4' } as const

const isPrecision = (dtype: unknown): dtype is Precision =>
  typeof dtype === 'string' && Object.hasOwn(precisions, dtype)

/** The blocks that matrices of a GGUF file lie in, by the names of the tensors; nothing where none are to be kept. */
export async function blocksIn(
  files: Readonly<Record<string, Blob>>,
  { dtype = 'auto', ggufFile }: LoadOptions,
  device: Device,
): Promise<ReadonlyMap<string, BlockType>> {
  const [file] = Object.values(files)
  const kept = dtype === 'auto' ? device === 'webgpu' : isPrecision(dtype) && precisions[dtype].blocks
  return ggufFile !== undefined && file && kept ? readGgufBlocks(ggufFile, file) : new Map()
}

/**
 * What a model is held in.
 * @param stored the blocks of its file that may be kept
 * @throws {OptionError} when `dtype` is one that only exported files have
 */
export function precisionFor(
  dtype: LoadOptions['dtype'] = 'auto',
  config: Json,
  { device, float16 }: Capabilities,
  stored: ReadonlyMap<string, BlockType>,
): Precision {
  const able = device === 'wasm' || float16
  if (dtype === 'auto') {
    if (stored.size > 0) return [...stored.values()].includes('Q8_0') ? 'q8' : 'q4'
    return able && (config.dtype === 'float16' || config.torch_dtype === 'float16') ? 'fp16' : 'fp32'
  }
  if (!isPrecision(dtype))
    throw new OptionError(
      `dtype ${JSON.stringify(dtype)} names exported files, but the original weights are loaded, which take ` +
        `${Object.keys(precisions)
          .map((name) => `'${name}'`)
          .join(', ')} or 'auto'. ` +
        'To load exported graphs instead, say { fromOnnx: true }.',
    )
  if (dtype === 'q4f16' && device === 'wasm') return withoutHalf[dtype]
  if (able || (dtype !== 'fp16' && dtype !== 'q4f16')) return dtype
  console.warn(
    `webformers: this GPU does not compute in half precision, so dtype '${dtype}' becomes '${withoutHalf[dtype]}'.`,
  )
  return withoutHalf[dtype]
}

/** What a device keeps weights in and computes with: WASM holds half precision but is no faster in it. */
export function numbersOf(dtype: Precision, device: Device): Pick<Target, 'weights' | 'compute'> {
  if (dtype === 'int8') return { weights: 'int8', compute: 'float32' }
  if (!precisions[dtype].half) return { weights: 'float32', compute: 'float32' }
  return { weights: 'float16', compute: device === 'webgpu' ? 'float16' : 'float32' }
}

/** What matrices are held in blocks: those of the file at least, and all where that was asked for. */
export const choiceOf = (
  asked: LoadOptions['dtype'] = 'auto',
  stored: ReadonlyMap<string, BlockType>,
): BlockChoice => ({ stored, ...(isPrecision(asked) && { rounded: precisions[asked].blocks }) })
