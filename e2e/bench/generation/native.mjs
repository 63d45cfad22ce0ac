/**
 * @file The limit: the peer's export in onnxruntime's native build. Its own process: `node native.mjs <model.onnx> <threads> <what is
 * asked as JSON: { count, warmUp, at64, at512, prefill }, token ids each but the count>`.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node'

const [path, threads, asked] = process.argv.slice(2)
const session = await InferenceSession.create(path, {
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
})
const pasts = session.inputMetadata.filter(({ name }) => name.startsWith('past_key_values'))

const vector = (values) => new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length])
const nothing = ({ shape: [, heads, , size] }) =>
  new Tensor('float32', new Float32Array(), [1, heads, 0, size])

function likeliest({ data, dims: [, places, vocabulary] }) {
  const begin = (places - 1) * vocabulary
  let best = begin
  for (let i = begin; i < data.length; i++) if (data[i] > data[best]) best = i
  return best - begin
}

/** @returns {Promise<number>} how long it took to write so many tokens */
async function generate(prompt, count) {
  const start = performance.now()
  let past = Object.fromEntries(pasts.map((input) => [input.name, nothing(input)]))
  for (let [step, length, given] = [0, 0, prompt]; step < count; step++) {
    const begin = length
    length += given.length
    const found = await session.run({
      input_ids: vector(given),
      attention_mask: vector(Array(length).fill(1)),
      position_ids: vector(given.map((_, i) => begin + i)),
      ...past,
    })
    past = Object.fromEntries(
      pasts.map(({ name }) => [name, found[name.replace('past_key_values', 'present')]]),
    )
    given = [likeliest(found.logits)]
  }
  return performance.now() - start
}

const { count, warmUp, at64, at512, prefill } = JSON.parse(asked)
const speed = async (prompt) => {
  const first = await generate(prompt, 1)
  return (1000 * count) / ((await generate(prompt, count + 1)) - first)
}
await speed(warmUp)
const speeds = { at64: await speed(at64), at512: await speed(at512) }
console.log(JSON.stringify({ ...speeds, prefill: await generate(prefill, 1) }))
