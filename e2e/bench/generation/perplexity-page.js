/** @file A page that tells how well a model foresees texts: e to the mean of what each token's surprise is. */
import { AutoModelForCausalLM, AutoTokenizer, configure } from '/webformers/webformers.js'

let tokenizer
/** The model in single precision, as files. */
let files

globalThis.prepare = async ({ hub, repository, ggufFile }) => {
  configure({ endpoint: hub })
  tokenizer = await AutoTokenizer.fromPretrained(repository, { ggufFile })
  await using model = await AutoModelForCausalLM.fromPretrained(repository, { ggufFile, device: 'wasm' })
  files = await model.toFiles({ dtype: 'fp32' })
}

globalThis.perplexity = async ({ device, dtype, texts, tokens }) => {
  const start = performance.now()
  await using model = await AutoModelForCausalLM.fromPretrained(files, { device, dtype })
  const surprises = []
  for (const text of texts) {
    const input_ids = [tokenizer(text).input_ids.slice(0, tokens)]
    const { logits } = await model({ input_ids })
    surprises.push(...surprisesOf(logits, input_ids[0]))
  }
  const mean = surprises.reduce((sum, each) => sum + each, 0) / surprises.length
  return { perplexity: Math.exp(mean), seconds: (performance.now() - start) / 1000 }
}

/** Of each token but the first, the logarithm of one over what was given for its probability. */
function surprisesOf({ data, shape }, ids) {
  const size = shape.at(-1)
  return ids.slice(1).map((id, i) => {
    const row = data.subarray(i * size, (i + 1) * size)
    const most = row.reduce((a, b) => Math.max(a, b))
    let sum = 0
    for (const logit of row) sum += Math.exp(logit - most)
    return most + Math.log(sum) - row[id]
  })
}

globalThis.ready = true
