/** @file How a model generates where no call says otherwise. */
import type { Repository } from '@webformers/hub'
import type { Programs } from '../programs'
import { GenerationConfig } from './configuration'

const configs = new WeakMap<Repository, Promise<GenerationConfig>>()

/** How the model generates where no call says otherwise; read once. A model without a file of its own for that, such as one in a
 * GGUF file, says it in its configuration. */
export function ownConfig(
  { configured }: Pick<Programs, 'configured'>,
  repository: Repository,
): Promise<GenerationConfig> {
  const read = async () =>
    (await repository.has('generation_config.json'))
      ? GenerationConfig.fromPretrained(repository)
      : GenerationConfig.fromModelConfig({ ...configured.config })
  const known = configs.get(repository) ?? read()
  configs.set(repository, known)
  known.catch(() => configs.delete(repository))
  return known
}
