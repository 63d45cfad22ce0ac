/** @file The types of tensors in GGUF files: numbers as they lie, and blocks of quantized weights. */
import { type CheckpointDType, itemSize, type StoredBlocks } from '../../tensor-entry'
import { q2_k, q3_k, q4_k, q5_k, q6_k } from './large-blocks'
import { type Dequantize, iq4_nl, q4_0, q4_1, q5_0, q5_1, q8_0 } from './small-blocks'

/** A type whose tensors we read. */
export interface GgufType {
  /** The weights of a block, and the bytes it takes; a block of one number is the number. */
  readonly weights: number
  readonly bytes: number
  /** What the numbers are, as they lie or dequantized. */
  readonly dtype: CheckpointDType
  readonly dequantize?: Dequantize
  /** What its blocks are called, where whoever computes may take them as they are. */
  readonly kept?: StoredBlocks['type']
}

const numbers = (dtype: CheckpointDType): GgufType => ({ weights: 1, bytes: itemSize[dtype], dtype })
const blocks = (
  weights: number,
  bytes: number,
  dequantize: Dequantize,
  kept?: StoredBlocks['type'],
): GgufType => ({ weights, bytes, dtype: 'F32', dequantize, ...(kept && { kept }) })

const types: Readonly<Record<number, GgufType>> = {
  0: numbers('F32'),
  1: numbers('F16'),
  2: blocks(32, 18, q4_0, 'Q4_0'),
  3: blocks(32, 20, q4_1, 'Q4_1'),
  6: blocks(32, 22, q5_0),
  7: blocks(32, 24, q5_1),
  8: blocks(32, 34, q8_0, 'Q8_0'),
  10: blocks(256, 84, q2_k),
  11: blocks(256, 110, q3_k),
  12: blocks(256, 144, q4_k),
  13: blocks(256, 176, q5_k),
  14: blocks(256, 210, q6_k),
  20: blocks(32, 18, iq4_nl),
  24: numbers('I8'),
  25: numbers('I16'),
  26: numbers('I32'),
  27: numbers('I64'),
  28: numbers('F64'),
  30: numbers('BF16'),
}

/** By number, from 0 on; some were given up. */
const NAMES =
  'F32 F16 Q4_0 Q4_1 Q4_2 Q4_3 Q5_0 Q5_1 Q8_0 Q8_1 Q2_K Q3_K Q4_K Q5_K Q6_K Q8_K IQ2_XXS IQ2_XS IQ3_XXS IQ1_S IQ4_NL IQ3_S IQ2_S IQ4_XS I8 I16 I32 I64 F64 IQ1_M BF16 Q4_0_4_4 Q4_0_4_8 Q4_0_8_8 TQ1_0 TQ2_0 IQ4_NL_4_4 IQ4_NL_4_8 IQ4_NL_8_8 MXFP4 NVFP4 Q1_0'.split(
    ' ',
  )

/** The name of a type, or its number where it has none. */
export const typeName = (code: number): string => NAMES[code] ?? String(code)

/** The names of those we read. */
export const knownTypes: readonly string[] = Object.keys(types).map((code) => typeName(Number(code)))

export const typeOf = (code: number): GgufType | undefined =>
  Object.hasOwn(types, code) ? types[code] : undefined
