/** @file webformers, from the original safetensors. */
export async function load({ hub, exported, device, dtype, threads }) {
  const { AutoModelForCausalLM, configure, tensor } = await import('/ours/webformers.js')
  configure({ endpoint: hub })
  const model = await AutoModelForCausalLM.fromPretrained(exported, {
    device,
    dtype,
    threads,
    writes: true,
  })
  return {
    async generate({ ids }, count) {
      const input_ids = tensor([ids])
      const attention_mask = tensor([ids.map(() => 1)])
      const found = await model.generate(
        { input_ids, attention_mask },
        { maxNewTokens: count, doSample: false, eosTokenId: [] },
      )
      return { tokens: found.shape[1] - ids.length }
    },
  }
}
