/** @file What Python saves among the weights though it follows from their shapes. */
import type { SavedTensor } from '@webformers/hub'
import type { Tables } from '@webformers/models'

/**
 * All tensors of a model, its tables among them: a module's tables come after its own parameters and before those of its children, as
 * in Python's `state_dict()`.
 * @example withTables(tensors, architecture.tables) // …, 'self.relative_position_bias_table', 'self.relative_position_index', …
 */
export function withTables(tensors: readonly SavedTensor[], tables: Tables = {}): SavedTensor[] {
  const all = [...tensors]
  for (const { name, shape } of tensors)
    for (const [end, tablesOf] of Object.entries(tables))
      if (name.endsWith(`.${end}`)) {
        const module = name.slice(0, -end.length)
        const made = Object.entries(tablesOf(shape)).map(
          ([own, { shape, values }]): SavedTensor => ({
            name: module + own,
            dtype: 'I64',
            shape: [...shape],
            bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
            buffer: true,
          }),
        )
        all.splice(placeAfterOwn(all, module), 0, ...made)
      }
  return all
}

/** Where the first child of a module stands, or what comes after the module. */
function placeAfterOwn(tensors: readonly SavedTensor[], module: string): number {
  const isOwn = ({ name }: SavedTensor) => name.startsWith(module) && !name.slice(module.length).includes('.')
  const child = tensors.findIndex((tensor) => tensor.name.startsWith(module) && !isOwn(tensor))
  return child >= 0 ? child : tensors.findLastIndex(isOwn) + 1
}
