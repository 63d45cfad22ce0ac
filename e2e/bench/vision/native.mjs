/** @file The limit: the same ONNX file in onnxruntime's native build. Its own process: `node native.mjs <model.onnx> <threads> <runs>`. */
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { median } from '../statistics.mjs'

const [path, threads, runs] = process.argv.slice(2)
const session = await InferenceSession.create(path, {
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
})
const found = {}
for (const images of [1, 4]) {
  const shape = [images, 3, 224, 224]
  const data = Float32Array.from({ length: images * 3 * 224 * 224 }, (_, i) => Math.sin(i * 0.37))
  const times = []
  for (let run = -2; run < Number(runs); run++) {
    const start = performance.now()
    await session.run({ pixel_values: new Tensor('float32', data, shape) })
    if (run >= 0) times.push(performance.now() - start)
  }
  found[images] = median(times)
}
console.log(JSON.stringify(found))
