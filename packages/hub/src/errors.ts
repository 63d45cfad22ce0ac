/** @file What can go wrong with a repository, a download or a checkpoint: one class each, so that a caller can tell them apart. */

/** The root of every error this library throws on purpose; a wrapped failure stays readable as `cause`. */
export class WebformersError extends Error {
  // Spelled out in each class: a minifier renames classes, and a name must survive it.
  override readonly name: string = 'WebformersError'
}

/** The source is no repository name, address or folder, or a path leads out of it. Like `HFValidationError`. */
export class InvalidSourceError extends WebformersError {
  override readonly name = 'InvalidSourceError'
}

/** No such repository, or a private one that the token does not open. Like `RepositoryNotFoundError`. */
export class RepositoryNotFoundError extends WebformersError {
  override readonly name = 'RepositoryNotFoundError'
}

/** The repository has no such branch, tag or commit. Like `RevisionNotFoundError`. */
export class RevisionNotFoundError extends WebformersError {
  override readonly name = 'RevisionNotFoundError'
}

/** The repository is there, the file is not. Like `EntryNotFoundError`. */
export class FileNotFoundError extends WebformersError {
  override readonly name = 'FileNotFoundError'
}

/** The repository's terms have to be accepted, and a token sent, before its files can be read. Like `GatedRepoError`. */
export class GatedRepositoryError extends WebformersError {
  override readonly name = 'GatedRepositoryError'
}

/** The server does not know the token, or the page may not read the picked directory any more. */
export class PermissionError extends WebformersError {
  override readonly name = 'PermissionError'
}

/** The server failed, or a download broke off. */
export class NetworkError extends WebformersError {
  override readonly name: string = 'NetworkError'
  /** The milliseconds after which the same may work; `undefined` where it never will. */
  readonly retryAfter: number | undefined

  constructor(message: string, { retryAfter, ...options }: ErrorOptions & { retryAfter?: number } = {}) {
    super(message, options)
    this.retryAfter = retryAfter
  }
}

/** The network is away, or `localFilesOnly` forbids it, and the cache has not got the file. Like `LocalEntryNotFoundError`. */
export class OfflineError extends NetworkError {
  override readonly name = 'OfflineError'
}

/** The file came whole, and is not what its name promises. */
export class CorruptFileError extends WebformersError {
  override readonly name: string = 'CorruptFileError'
}

/** The file ends before it should. */
export class TruncatedFileError extends CorruptFileError {
  override readonly name = 'TruncatedFileError'
}

/** The file has the right size and other bytes than its hash promises: it was changed on its way, or on the disk. */
export class ChecksumError extends CorruptFileError {
  override readonly name = 'ChecksumError'
}

/** A checkpoint that breaks its own format's rules; the message names the file and the byte. */
export class CorruptCheckpointError extends CorruptFileError {
  override readonly name = 'CorruptCheckpointError'
}

/** A checkpoint that would run code, or name things no tensor needs; nothing of it was run. Like the refusal of
 * `torch.load(…, weights_only=True)`. */
export class UnsafeCheckpointError extends CorruptFileError {
  override readonly name = 'UnsafeCheckpointError'
}

/** A sound checkpoint of a kind that is not read here, such as a type of numbers or an architecture; the message names it. */
export class UnsupportedCheckpointError extends WebformersError {
  override readonly name = 'UnsupportedCheckpointError'
}

/** The model wants a tensor that the checkpoint does not hold. */
export class MissingTensorError extends WebformersError {
  override readonly name = 'MissingTensorError'
}

/** The checkpoint holds the tensor, in another shape than the model wants. */
export class TensorShapeError extends WebformersError {
  override readonly name = 'TensorShapeError'
}

/** What shall be saved, or where, makes no sense; nothing was written. */
export class SaveError extends WebformersError {
  override readonly name: string = 'SaveError'
}

/** There was no room for what should be saved; of what was begun, nothing is left to be found. */
export class StorageFullError extends SaveError {
  override readonly name = 'StorageFullError'
}

/** Why a push failed: `token` none or an unknown one, `permission` none to write there, `repository` or branch that is not
 * there, `network` away or the server in trouble, `refused` for what the Hub itself says. */
export type PushFailure = 'token' | 'permission' | 'repository' | 'network' | 'refused'

/** The Hub did not take what was pushed; the repository is what it was. */
export class PushToHubError extends WebformersError {
  override readonly name = 'PushToHubError'

  constructor(
    message: string,
    readonly reason: PushFailure,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
