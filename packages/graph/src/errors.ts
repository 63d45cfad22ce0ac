/** @file What goes wrong while a graph is traced. */

/** A graph that cannot be: shapes that do not fit, dtypes that differ, an operation nobody knows. */
export class GraphError extends Error {
  override name = 'GraphError'
}
