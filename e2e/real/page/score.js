/** @file A page that asks a GGUF file what comes next, as any page would. */
import { AutoModelForCausalLM, AutoTokenizer, configure } from '/webformers/webformers.js'

globalThis.score = async ({ hub, repository, ggufFile, device, prompts }) => {
  configure({ endpoint: hub })
  const tokenizer = await AutoTokenizer.fromPretrained(repository, { ggufFile })
  const model = await AutoModelForCausalLM.fromPretrained(repository, { ggufFile, device })
  try {
    const scores = []
    for (const prompt of prompts) {
      const { logits } = await model(tokenizer(prompt, { returnTensors: true }))
      scores.push(Array.from(logits.data.slice(-logits.shape[2])))
    }
    return scores
  } finally {
    await model.dispose()
  }
}
