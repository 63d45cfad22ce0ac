/** @file Where checkpoints are kept: in the browser's IndexedDB, each of them whole or not at all. */
import { CorruptFileError, cache, openRepository, saveFiles } from '@webformers/hub'
import { OptionError } from '../errors'
import { CheckpointError } from './errors'

/** Where a training keeps its checkpoints. */
export interface CheckpointStore {
  /** What the checkpoint of a step is called. */
  name(step: number): string
  /** The steps that have a whole checkpoint, in their order. */
  steps(): Promise<number[]>
  /** All files or, when anything breaks off, none. */
  save(step: number, files: Readonly<Record<string, Blob>>, signal?: AbortSignal): Promise<void>
  /** @throws {CorruptFileError} when the browser has lost a file. */
  open(name: string): Promise<Record<string, Blob>>
  remove(step: number): Promise<void>
}

/** Checkpoints `indexeddb://<outputDir>/checkpoint-<step>`, which `fromPretrained` opens as well.
 * @throws {OptionError} when no name can be made of `outputDir` */
export function browserCheckpoints(outputDir: string): CheckpointStore {
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(outputDir))
    throw new OptionError(
      `outputDir is "${outputDir}", expected a name such as "spam" or "mails/spam", of letters, digits, "_", "-" and ".".`,
    )
  const prefix = `indexeddb://${outputDir}/checkpoint-`
  const name = (step: number) => `${prefix}${step}`
  return {
    name,
    async steps() {
      const saved = (await cache.list()).map(({ repository }) => repository)
      const found = saved.filter((repository) => repository.startsWith(prefix))
      const steps = found.map((repository) => repository.slice(prefix.length))
      return steps
        .filter((step) => /^\d+$/.test(step))
        .map(Number)
        .sort((a, b) => a - b)
    },
    async save(step, files, signal) {
      await saveFiles(name(step), files, { signal }, (present) =>
        [...present].filter((path) => !(path in files)),
      )
    },
    async open(source) {
      const repository = await openRepository(source)
      const paths = (await repository.list()) ?? []
      const files = await Promise.all(paths.map(async (path) => [path, await repository.file(path)] as const))
      return Object.fromEntries(files)
    },
    remove: (step) => cache.remove(name(step)),
  }
}

/** The files of a checkpoint: of the last whole one for `true`, else of the one with this name.
 * @throws {CheckpointError} when there is none. */
export async function openCheckpointFiles(
  store: CheckpointStore,
  from: true | string,
): Promise<Record<string, Blob>> {
  if (from !== true) return store.open(from)
  for (const step of (await store.steps()).reverse()) {
    try {
      return await store.open(store.name(step))
    } catch (error) {
      if (!(error instanceof CorruptFileError)) throw error // the one before it may still be whole
    }
  }
  throw new CheckpointError(
    `There is no checkpoint to resume from: nothing was saved as ${store.name(0).replace(/0$/, '…')}. ` +
      'Leave resumeFromCheckpoint out to begin anew.',
  )
}

/** Remove the oldest checkpoints beyond the limit, never the best one nor the last.
 * @param limit how many are kept; none for all */
export async function rotate(
  store: CheckpointStore,
  limit: number | undefined,
  best: string | null,
): Promise<void> {
  if (!limit) return
  const steps = await store.steps()
  const isBest = (step: number) => store.name(step) === best
  // The best one counts as the newest but one, and beside a single one that is kept, the last stays to resume from.
  const kept = limit === 1 && best !== null && !isBest(steps.at(-1) ?? 0) ? 2 : limit
  const others = steps.filter((step) => !isBest(step))
  const spare = steps.length - kept
  for (const step of others.slice(0, Math.max(0, spare))) await store.remove(step)
}
