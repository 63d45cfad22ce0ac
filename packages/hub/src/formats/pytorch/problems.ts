/** @file What can be wrong with a PyTorch checkpoint, said alike wherever it is found. */
import {
  CorruptCheckpointError,
  TruncatedFileError,
  UnsafeCheckpointError,
  UnsupportedCheckpointError,
} from '../../errors'

/** Makes the errors of one file. */
export type Problems = ReturnType<typeof problemsOf>

export const problemsOf = (file: string) => ({
  corrupt: (what: string, cause?: unknown) =>
    new CorruptCheckpointError(
      `"${file}" is no PyTorch checkpoint that can be read: ${what}. Download it again.`,
      { cause },
    ),
  truncated: (what: string) => new TruncatedFileError(`"${file}" is cut off: ${what}. Download it again.`),
  unsafe: (what: string) =>
    new UnsafeCheckpointError(
      `"${file}" was not loaded, and nothing of it was run: ${what}, and no tensor needs that. ` +
        'Load a safetensors file instead, or save the weights alone in Python: torch.save(model.state_dict(), path).',
    ),
  unsupported: (what: string) =>
    new UnsupportedCheckpointError(
      `"${file}" ${what}; that is not read here. ` +
        'Convert it in Python, and save the weights alone: torch.save(state_dict, path).',
    ),
})

/** A text from a file as a message can quote it. */
export const quoted = (text: string) => JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)
