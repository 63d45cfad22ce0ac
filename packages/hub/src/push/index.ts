/** @file Pushing, whose library is as large as all the rest here: it is fetched when somebody pushes. */
import type { pushFiles as push } from './push'

export { inheritedLines, type ModelCard, modelCard } from './model-card'
export type { Pushed, PushOptions } from './push'

/** Push files to a repository of the Hub, as one commit. @throws {PushToHubError} */
export const pushFiles: typeof push = async (...given) => (await import('./push')).pushFiles(...given)
