/** @file Whether a model comes from graphs that somebody exported; what loads these is fetched only then. */
import { FileNotFoundError, findCheckpoint, type Repository } from '@webformers/hub'
import type { LoadOptions } from '../load-options'

/**
 * Whether exported graphs are to be loaded: when that is asked for, or when there are no original weights.
 * @throws {FileNotFoundError} when there are neither; it lists what was looked for
 */
export async function isExported(repository: Repository, options: LoadOptions): Promise<boolean> {
  if (options.fromOnnx !== undefined) return options.fromOnnx
  if (options.modelFileName !== undefined) return true
  const { useSafetensors, fromTf, fromFlax, ggufFile } = options
  if (useSafetensors || fromTf || fromFlax || ggufFile !== undefined) return false
  try {
    await findCheckpoint(repository, options)
    return false
  } catch (error) {
    if (!(error instanceof FileNotFoundError)) throw error
    const { hasGraphs } = await import('./graph-files')
    if (await hasGraphs(repository)) return true
    throw error
  }
}
