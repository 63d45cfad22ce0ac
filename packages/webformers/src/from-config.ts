/** @file A repository of nothing but a configuration, for models that are trained from scratch. */
import { openRepository, type Repository, writeSafetensors } from '@webformers/hub'
import type { Json } from '@webformers/models'

export const openConfig = (config: Json, signal: AbortSignal): Promise<Repository> =>
  openRepository(
    { 'config.json': new Blob([JSON.stringify(config)]), 'model.safetensors': writeSafetensors([]) },
    { signal },
  )
