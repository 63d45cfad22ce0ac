/** @file Which modules an adapter means: by the ends of their paths, a regular expression, or all linear layers. As PEFT has it. */
import type { AdaptableModules } from './linear-modules'

/** The attention's queries and values, as architectures name them: what PEFT adapts where nobody says what. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  bert: ['query', 'value'],
  camembert: ['query', 'value'],
  electra: ['query', 'value'],
  roberta: ['query', 'value'],
  'xlm-roberta': ['query', 'value'],
  albert: ['query', 'value'],
  vit: ['query', 'value'],
  distilbert: ['q_lin', 'v_lin'],
  mpnet: ['q', 'v'],
  t5: ['q', 'v'],
  mt5: ['q', 'v'],
  bart: ['q_proj', 'v_proj'],
  gpt2: ['c_attn'],
  gpt_neox: ['query_key_value'],
  phi3: ['qkv_proj'],
  gemma2: ['q_proj', 'v_proj'],
  gemma3_text: ['q_proj', 'v_proj'],
  llama: ['q_proj', 'v_proj'],
  mistral: ['q_proj', 'v_proj'],
  qwen2: ['q_proj', 'v_proj'],
  qwen3: ['q_proj', 'v_proj'],
}

/** What an adapter of this `model_type` targets by default; undefined where nobody knows. */
export const usualTargets = (model_type: string): readonly string[] | undefined =>
  Object.hasOwn(USUAL, model_type) ? USUAL[model_type] : undefined

/** Ends of paths, or a regular expression for whole paths. */
export type Modules = readonly string[] | string

export interface Targeting {
  readonly targetModules: Modules
  readonly excludeModules?: Modules
  readonly layersToTransform?: number | readonly number[]
  readonly layersPattern?: string | readonly string[]
  /** Modules that are trained whole, and so not adapted. */
  readonly modulesToSave?: readonly string[]
}

/** Whether a path is meant. */
export function means(modules: Modules, path: string): boolean {
  if (typeof modules === 'string') return new RegExp(`^(?:${modules})$`).test(path)
  return modules.some((end) => path === end || path.endsWith(`.${end}`))
}

/** The paths of the modules that are meant, whatever they are. */
export function targetsOf(targeting: Targeting, paths: readonly string[]): string[] {
  const { targetModules, excludeModules = [], modulesToSave = [] } = targeting
  return paths.filter((path) => {
    if (means(excludeModules, path)) return false
    if (modulesToSave.some((end) => new RegExp(`(^|.*\\.)${end}($|\\..*)`).test(path))) return false
    if (!means(targetModules, path)) return false
    const whole = typeof targetModules === 'string' || targetModules.includes(path)
    return whole || inLayers(targeting, path)
  })
}

function inLayers({ layersToTransform, layersPattern = [] }: Targeting, path: string): boolean {
  const wanted = [layersToTransform ?? []].flat()
  if (wanted.length === 0) return true
  const patterns = [layersPattern].flat()
  const expressions =
    patterns.length === 0
      ? [/^.*?\.[^.]*\.(\d+)\./]
      : patterns.map((pattern) => new RegExp(`^(?:|.*?\\.)${pattern}\\.(\\d+)\\.`))
  const found = expressions.map((expression) => path.match(expression)).find(Boolean)
  return found !== undefined && found !== null && wanted.includes(Number(found[1]))
}

/** Heads that classify whole texts, best known first. */
const CLASSIFIERS = ['score', 'classifier']

/** The paths of all linear layers but that which gives words, or that which classifies where this is what the adapter is for. */
export function allLinear({ linear, output }: AdaptableModules, classifies: boolean): string[] {
  const paths = linear.map(({ path }) => path)
  const classifier = classifies && !output ? CLASSIFIERS.find((name) => paths.includes(name)) : undefined
  return linear.flatMap(({ path, weight }) => (path === classifier || weight === output ? [] : [path]))
}

/** The value of the first pattern that ends a path. */
export function patternValue(patterns: Readonly<Record<string, number>>, path: string): number | undefined {
  const found = Object.keys(patterns).find((key) => new RegExp(`^(?:.*\\.)?(?:${key})$`).test(path))
  return found === undefined ? undefined : patterns[found]
}
