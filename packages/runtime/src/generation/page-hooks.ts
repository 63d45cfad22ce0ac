/** @file Functions of the page that a generation asks: the page wraps them, the worker calls what arrives. */
import { proxy, type Remote } from 'comlink'
import type { Hooks } from './hooks'

type Functions = Record<string, (...given: never[]) => unknown>
/** The page's functions by name, as the worker has them. */
export type PageHooks = Remote<Functions>

const PROCESSOR = 'logitsProcessors.'

/** Hooks that cross to a worker, their names, and what one of them threw: an error of the page's own keeps its class only here. */
export function pageHooks({ logitsProcessors = [], ...rest }: Hooks) {
  const failures: unknown[] = []
  const functions: Functions = {}
  const given = [...Object.entries(rest), ...logitsProcessors.map((f, i) => [`${PROCESSOR}${i}`, f] as const)]
  for (const [name, hook] of given) {
    if (!hook) continue
    functions[name] = async (...values) => {
      try {
        return await (hook as (...given: never[]) => unknown)(...values)
      } catch (error) {
        failures.push(error)
        throw error
      }
    }
  }
  return { hooks: proxy(functions) as unknown as PageHooks, asked: Object.keys(functions), failures }
}

/** What the worker's generation calls. */
export function hooksOf(page: PageHooks, asked: readonly string[]): Hooks {
  const call = (name: string) => (page as unknown as Record<string, never>)[name]!
  const processors = asked.filter((name) => name.startsWith(PROCESSOR))
  return {
    ...Object.fromEntries(
      asked.filter((name) => !processors.includes(name)).map((name) => [name, call(name)]),
    ),
    ...(processors.length > 0 && { logitsProcessors: processors.map(call) }),
  }
}
