/** @file What there was when a generation ended with an error. */

/** The error, which keeps the sequences as `sequences` from now on. What is no error, or a frozen one, stays as it is. */
export function withSequences(error: unknown, sequences: readonly Int32Array[] | undefined): unknown {
  if (sequences && error instanceof Error && Object.isExtensible(error)) {
    Object.assign(error, { sequences: sequences.map((sequence) => sequence.slice()) })
  }
  return error
}

/** The sequences that an error keeps. */
export const sequencesOf = (error: unknown): readonly Int32Array[] | undefined =>
  error instanceof Error && 'sequences' in error ? (error.sequences as Int32Array[]) : undefined
