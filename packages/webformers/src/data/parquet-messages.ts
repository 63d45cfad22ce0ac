/** @file What the page and the worker that decodes Parquet say to each other. */
import type { Row } from './rows'

export type Question =
  | { kind: 'open'; byteLength: number; columns: readonly string[] | undefined }
  | { kind: 'rows'; start: number; most: number }
  | { kind: 'bytes'; id: number; bytes: ArrayBuffer }

export type Answer =
  /** To `open` too, with none. */
  | { kind: 'rows'; rows: Row[] }
  | { kind: 'error'; message: string }
  /** The page has the file: it may come from anywhere. */
  | { kind: 'read'; id: number; start: number; end: number }
