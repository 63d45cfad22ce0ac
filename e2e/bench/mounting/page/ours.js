/** @file webformers, from the original safetensors. */

export async function load({ hub, original, device, threads }) {
  const { AutoModel, configure } = await import('/ours/webformers.js')
  configure({ endpoint: hub })
  const model = await AutoModel.fromPretrained(original, { device, threads, outputs: ['last_hidden_state'] })
  return async (ids) => (await model({ input_ids: [ids] })).last_hidden_state.data
}
