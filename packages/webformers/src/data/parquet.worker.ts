/** @file Decodes one Parquet file off the main thread: bytes come in as they are needed, rows go out. */
import type { Answer, Question } from './parquet-messages'
import { ParquetRows } from './parquet-rows'

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Question>) => void
  postMessage(message: Answer): void
}

const reads: ((bytes: ArrayBuffer) => void)[] = []
let opened: ParquetRows | undefined

const fileOf = (byteLength: number) => ({
  byteLength,
  slice: (start: number, end = byteLength) =>
    new Promise<ArrayBuffer>((resolve) => {
      scope.postMessage({ kind: 'read', id: reads.push(resolve) - 1, start, end })
    }),
})

async function answer(question: Exclude<Question, { kind: 'bytes' }>): Promise<Answer> {
  try {
    if (question.kind === 'rows')
      return { kind: 'rows', rows: await opened!.rows(question.start, question.most) }
    opened = await ParquetRows.open(fileOf(question.byteLength), question.columns)
    return { kind: 'rows', rows: [] }
  } catch (error) {
    return { kind: 'error', message: (error as Error).message }
  }
}

scope.onmessage = async ({ data }) => {
  if (data.kind === 'bytes') reads[data.id]!(data.bytes)
  else scope.postMessage(await answer(data))
}
