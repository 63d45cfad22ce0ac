/** @file A page that embeds texts, as any page would. */
import { configure, pipeline } from '/webformers/webformers.js'

globalThis.embed = async ({ hub, repository, device, texts }) => {
  configure({ endpoint: hub })
  const extract = await pipeline('feature-extraction', repository, { device })
  try {
    const { data, shape } = await extract(texts, { pooling: 'mean', normalize: true, batchSize: 8 })
    return { shape, values: Array.from(data) }
  } finally {
    await extract.dispose()
  }
}

globalThis.ready = true
