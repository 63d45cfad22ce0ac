/** @file A page that answers chats with a GGUF file, as any page would. */
import { AutoModelForCausalLM, AutoTokenizer, configure } from '/webformers/webformers.js'

let model
let tokenizer

globalThis.openChat = async ({ hub, repository, ggufFile, device }) => {
  configure({ endpoint: hub })
  tokenizer = await AutoTokenizer.fromPretrained(repository, { ggufFile })
  model = await AutoModelForCausalLM.fromPretrained(repository, { ggufFile, device, dtype: 'fp32' })
}

globalThis.reply = async (messages, maxNewTokens) => {
  const inputs = tokenizer.applyChatTemplate(messages, { addGenerationPrompt: true, returnDict: true })
  const { data } = await model.generate(inputs, { doSample: false, maxNewTokens })
  const ids = Array.from(data.slice(inputs.input_ids.length))
  return { prompt: inputs.input_ids.length, ids, text: tokenizer.decode(ids, { skipSpecialTokens: true }) }
}
