/** @file The limit: the same ONNX files in onnxruntime's native build. Its own process: `node native.mjs <model.onnx> <threads>`. */
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { shapes } from './inputs.mjs'
import { median } from './statistics.mjs'

const [path, threads] = process.argv.slice(2)
const start = performance.now()
const session = await InferenceSession.create(path, {
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
})

const forwards = {}
let load
for (const { name, batch, tokens, runs } of shapes) {
  const filled = (value) =>
    new Tensor('int64', new BigInt64Array(batch * tokens).fill(value), [batch, tokens])
  const feeds = { input_ids: filled(2000n), attention_mask: filled(1n), token_type_ids: filled(0n) }
  const times = []
  for (let run = -2; run < runs; run++) {
    const begin = performance.now()
    await session.run(feeds)
    load ??= performance.now() - start
    if (run >= 0) times.push(performance.now() - begin)
  }
  forwards[name] = median(times)
}
console.log(JSON.stringify({ load, forwards }))
