/** @file Saving files; what writes them is fetched when somebody saves. */
import type { saveFiles as save } from './target'
import type { zipFiles as zip } from './zip'

export type { SaveFilesOptions, Saving } from './saving'
export type { SaveTarget } from './target'

/**
 * Save files, all of them or none: when something fails or the signal aborts, what was begun is taken back.
 * @param obsolete which of the files that are there already have to go, as shards of an earlier checkpoint
 * @returns their paths.
 * @throws {SaveError} when there is no such target. @throws {StorageFullError} when the disk is full.
 * @throws {PermissionError} when the page may not write in the directory.
 */
export const saveFiles: typeof save = async (...given) => (await import('./target')).saveFiles(...given)

/**
 * A zip archive of files. No file is compressed or as a whole in memory; those of more than 4 GB make it a zip64 one.
 * @example
 * const zip = await zipFiles(await tokenizer.toFiles()) // Blob
 * @throws {StorageFullError} when the browser has no room for it.
 */
export const zipFiles: typeof zip = async (...given) => (await import('./zip')).zipFiles(...given)
