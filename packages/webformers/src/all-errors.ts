/** @file Every error the library throws on purpose, one class each; all but those of `graph` extend WebformersError. */
export { GraphError } from '@webformers/graph'
export {
  ChecksumError,
  CorruptCheckpointError,
  CorruptFileError,
  FileNotFoundError,
  GatedRepositoryError,
  InvalidSourceError,
  MissingTensorError,
  NetworkError,
  OfflineError,
  PermissionError,
  type PushFailure,
  PushToHubError,
  RepositoryNotFoundError,
  RevisionNotFoundError,
  SaveError,
  StorageFullError,
  TensorShapeError,
  TruncatedFileError,
  UnsafeCheckpointError,
  UnsupportedCheckpointError,
  WebformersError,
} from '@webformers/hub'
export { ConfigurationError, UnknownArchitectureError, UnknownPathError } from '@webformers/models'
export {
  CacheError,
  DeviceLostError,
  DisposedError,
  ExecutionError,
  IndexOutOfRangeError,
  InputError,
  OutOfMemoryError,
  ResponseFormatError,
  SequenceTooLongError,
  UnsupportedDeviceError,
  WorkerDiedError,
} from '@webformers/runtime'
export { AdapterError, UnsupportedAdapterError } from './adapters/errors'
export { CollateError, DatasetError, FrozenModelError, OptionError, TensorError } from './errors'
export { CheckpointError, LabelRangeError, NonFiniteLossError } from './trainer/errors'
