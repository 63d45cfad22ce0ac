/**
 * @file TensorFlow.js: MiniLM written out in its operations, its own Adam (it has neither AdamW nor clipping by the norm of all
 * gradients), no dropout. Of its backends `wasm` is the fastest without a GPU; the gradient of `gather` is not among that
 * one's kernels, so that here it is a `scatterND`.
 */
import { adamw, BATCH, batch, TOKENS } from './batch.js'
import { config, initial, shapes } from './shape.js'

export async function load({ threads }) {
  // Half of the cores are all that it takes.
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: 2 * threads })
  const tf = await import('/tfjs/tfjs.js')
  tf.setWasmPaths('/tfjs-wasm/')
  tf.setThreadsCount(threads)
  await tf.setBackend('wasm')
  await tf.ready()

  const weights = Object.fromEntries(
    Object.entries(shapes()).map(([name, shape]) => [
      name,
      tf.variable(tf.tensor(initial(name, shape), shape), true, name),
    ]),
  )
  const given = batch()
  const ids = tf.tensor1d(given.input_ids.flat(), 'int32')
  const positions = tf.tensor1d(
    given.input_ids.flatMap((row) => row.map((_, i) => i)),
    'int32',
  )
  const types = tf.zeros([BATCH * TOKENS], 'int32')
  const mask = tf.tensor(given.attention_mask, [BATCH, 1, 1, TOKENS]).sub(1).mul(1e9)
  const labels = tf.oneHot(tf.tensor1d(given.labels, 'int32'), config.labels).toFloat()

  const lookup = tf.customGrad((table, rows, save) => {
    save([rows])
    return {
      value: tf.gather(table, rows),
      gradFunc: (dy, [saved]) => [tf.scatterND(saved.reshape([-1, 1]), dy, table.shape), tf.zerosLike(saved)],
    }
  })
  // Its own gradient multiplies transposed matrices, for which that backend has no fast kernel.
  const product = tf.customGrad((a, b, save) => {
    save([a, b])
    const flipped = (x) => tf.transpose(x, x.rank === 2 ? [1, 0] : [0, 1, 3, 2])
    return {
      value: tf.matMul(a, b),
      gradFunc: (dy, [a, b]) => [tf.matMul(dy, flipped(b)), tf.matMul(flipped(a), dy)],
    }
  })
  const linear = (x, name) => product(x, weights[`${name}.weight`]).add(weights[`${name}.bias`])
  const norm = (x, name) => {
    const { mean, variance } = tf.moments(x, -1, true)
    const normal = x.sub(mean).mul(variance.add(1e-12).rsqrt())
    return normal.mul(weights[`${name}.weight`]).add(weights[`${name}.bias`])
  }
  const size = config.hidden / config.heads
  const split = (x) => x.reshape([BATCH, TOKENS, config.heads, size]).transpose([0, 2, 1, 3])
  const gelu = (x) => x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1))
  const attention = (x, name) => {
    const [q, k, v] = ['query', 'key', 'value'].map((part) => split(linear(x, `${name}.${part}`)))
    const scores = product(q, k.transpose([0, 1, 3, 2]))
      .mul(1 / Math.sqrt(size))
      .add(mask)
    const mixed = product(tf.softmax(scores), v).transpose([0, 2, 1, 3])
    return linear(mixed.reshape([BATCH * TOKENS, config.hidden]), `${name}.output`)
  }
  const logits = () => {
    const embedded = lookup(weights.words, ids)
      .add(lookup(weights.positions, positions))
      .add(lookup(weights.types, types))
    let x = norm(embedded, 'embeddingNorm')
    for (let i = 0; i < config.layers; i++) {
      const name = `layer${i}`
      x = norm(x.add(attention(x, name)), `${name}.attentionNorm`)
      x = norm(x.add(linear(gelu(linear(x, `${name}.up`)), `${name}.down`)), `${name}.norm`)
    }
    const first = x.reshape([BATCH, TOKENS, config.hidden]).slice([0, 0, 0], [BATCH, 1, config.hidden])
    return linear(linear(first.reshape([BATCH, config.hidden]), 'pooler').tanh(), 'classifier')
  }
  const loss = () => tf.losses.softmaxCrossEntropy(labels, logits())
  const { learningRate, betas, eps } = adamw
  const optimizer = tf.train.adam(learningRate, ...betas, eps)

  return {
    about: { backend: `${tf.getBackend()}, ${tf.getThreadsCount()} threads` },
    async forward() {
      const result = tf.tidy(logits)
      await result.data()
      result.dispose()
    },
    async step() {
      const value = optimizer.minimize(loss, true)
      const [number] = await value.data()
      value.dispose()
      return number
    },
  }
}
