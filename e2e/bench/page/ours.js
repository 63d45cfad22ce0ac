/** @file webformers, as its README says. */

export async function load({ hub, repository, device, dtype, threads }) {
  const { configure, pipeline } = await import('/ours/webformers.js')
  configure({ endpoint: hub })
  const extract = await pipeline('feature-extraction', repository, { device, dtype, threads })
  return async (texts) =>
    (await extract(texts, { pooling: 'mean', normalize: true, batchSize: texts.length })).data
}
