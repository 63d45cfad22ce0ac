/** @file On which device onnxruntime put the nodes of a session, as its verbose log has it. */

/** @returns a function that gives `cpuNodes` of the session that was told of last; watch before it is created */
export function watchPlacements(page) {
  const lines = []
  page.on('console', (message) => lines.push(message.text()))
  return () => {
    const log = lines.join('\n')
    const last = log.slice(Math.max(0, log.lastIndexOf('Node placements')))
    const nodes = Number(last.match(/placed on \[CPUExecutionProvider\]\. Number of nodes: (\d+)/)?.[1] ?? 0)
    return { cpuNodes: last.includes('placed on') ? nodes : undefined }
  }
}
