/** @file Who gets what, so that it costs the least altogether: `scipy.optimize.linear_sum_assignment`. */

/**
 * The cheapest way to give each column a row of its own, by shortest augmenting paths.
 * @param costs [rows][columns]; there are at least as many rows as columns
 * @returns the row of each column
 * @example assign([[4, 1], [2, 0], [3, 2]]) // [1, 0]: 2 + 1
 */
export function assign(costs: readonly ArrayLike<number>[]): number[] {
  const [rows, columns] = [costs.length, costs[0]?.length ?? 0]
  const columnOf = new Int32Array(rows).fill(-1)
  const rowOf = new Int32Array(columns).fill(-1)
  const [rowPrices, columnPrices] = [new Float64Array(rows), new Float64Array(columns)]
  for (let start = 0; start < columns; start++) {
    const distances = new Float64Array(rows).fill(Infinity)
    const before = new Int32Array(rows)
    const done = new Uint8Array(rows)
    let [column, length, end] = [start, 0, -1]
    const visited = [start]
    while (end < 0) {
      let nearest = -1
      for (let row = 0; row < rows; row++) {
        if (done[row]) continue
        const distance = length + costs[row]![column]! - columnPrices[column]! - rowPrices[row]!
        if (distance < distances[row]!) {
          distances[row] = distance
          before[row] = column
        }
        if (nearest < 0 || distances[row]! < distances[nearest]!) nearest = row
      }
      length = distances[nearest]!
      done[nearest] = 1
      if (columnOf[nearest]! < 0) end = nearest
      else {
        column = columnOf[nearest]!
        visited.push(column)
      }
    }
    columnPrices[start]! += length
    for (const other of visited.slice(1)) columnPrices[other]! += length - distances[rowOf[other]!]!
    for (let row = 0; row < rows; row++) if (done[row]) rowPrices[row]! -= length - distances[row]!
    for (let row = end; ; ) {
      const owner = before[row]!
      const freed = rowOf[owner]!
      columnOf[row] = owner
      rowOf[owner] = row
      if (owner === start) break
      row = freed
    }
  }
  return Array.from(rowOf)
}
