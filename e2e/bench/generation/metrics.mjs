/** @file What is compared, and what we aim at. */
import { verdict } from '../metrics.mjs'
import { median, quantile, summary } from '../statistics.mjs'
import { perplexityOfTorch } from './perplexity.mjs'

const titles = { transformers: 'transformers.js', wllama: 'wllama', native: 'onnxruntime, native,' }

/** What a decoder step of the peer's own export with grouped-query attention starts on a GPU, for 30 layers; it reads back the
 * scores of all tokens. */
const PEER = { dispatches: 4 + 15 * 30, read: 196_608 }

/** @param samples by kind and side a sample for each round */
export function evaluate({ times, visits, memory, gpu, perplexity, masks }, versions) {
  const row = (group, name, unit, mine, { theirs = [], limit = [], aim, names } = {}) => {
    const ratio = summary(mine.map((value, i) => value / theirs[i]))
    const [ours, peer, native] = [mine, theirs, limit].map(summary)
    const found = { group, name, unit, ours, peer, native, ratio, aim, names }
    return { ...found, verdict: verdict(found) }
  }
  const values = (samples, side, key) => (samples[side] ?? []).map((sample) => sample[key])
  /** The side of others whose middle value is the best. */
  const best = (samples, key, sign, sides) => {
    const known = sides.filter((side) => samples[side]?.length)
    const better = (a, b) => sign * (median(values(samples, b, key)) - median(values(samples, a, key)))
    return known.toSorted(better)[0]
  }
  const others = ['transformers', 'transformers-q8', 'wllama', 'wllama-q8']
  const label = (side) => {
    const [library, dtype] = side.split('-')
    return `${titles[library]} ${versions[library]} ${dtype ? '8 bits' : 'fp32'}`
  }
  const against = (samples, key, unit, name, { sign, aim, sides = others }) => {
    const theirs = best(samples, key, sign, sides)
    const mine = best(samples, key, sign, ['ours', 'ours-int8'])
    if (!theirs || !mine) return []
    const names = {
      ours: `webformers ${mine === 'ours' ? 'fp32' : '8 bits'}`,
      peer: label(theirs),
      native: 'onnxruntime, native',
    }
    const group = `${name}: our best against the best other, ${label(theirs)}`
    return [
      row(group, name, unit, values(samples, mine, key), {
        theirs: values(samples, theirs, key),
        limit: values(samples, mine === 'ours' ? 'native' : 'native-q8', key),
        aim,
        names,
      }),
    ]
  }
  const alone = ['ours', 'ours-int8', ...others, 'native', 'native-q8'].flatMap((side) => {
    if (!times[side]?.length) return []
    const name = side.startsWith('ours') ? `webformers ${side === 'ours' ? 'fp32' : '8 bits'}` : label(side)
    const names = { ours: name }
    return [
      row(`Each by itself: ${name}`, 'tokens a second at 64', 'count', values(times, side, 'at64'), {
        names,
      }),
      row(`Each by itself: ${name}`, 'tokens a second at 512', 'count', values(times, side, 'at512'), {
        names,
      }),
      row(`Each by itself: ${name}`, 'reading 256', 'ms', values(times, side, 'prefill'), { names }),
    ]
  })
  const inMB = (side) => values(memory, side, 'peak').map((bytes) => bytes / 1e6)
  return [
    ...against(times, 'at64', 'count', 'tokens a second at 64', { sign: 1, aim: { leastRatio: 1.15 } }),
    ...against(times, 'at512', 'count', 'tokens a second at 512', { sign: 1, aim: { leastRatio: 1.5 } }),
    ...against(times, 'prefill', 'ms', 'reading 256 tokens', { sign: -1, aim: { ratio: 0.8 } }),
    ...against(visits, 'first', 'ms', 'first token on a later visit', { sign: -1 }),
    ...alone,
    ...(memory.ours && memory.transformers
      ? [
          row('Memory over idle, fp32', 'peak', 'MB', inMB('ours'), {
            theirs: inMB('transformers'),
            aim: { ratio: 0.6 },
            names: { ours: 'webformers fp32', peer: label('transformers') },
          }),
        ]
      : []),
    ...['ours', 'ours-int8'].flatMap((side) =>
      times[side]
        ? [
            row(
              'The page’s own thread, longest wait while we generate',
              side === 'ours' ? 'fp32' : '8 bits',
              'ms',
              values(times, side, 'gap'),
              { aim: { most: 50 } },
            ),
          ]
        : [],
    ),
    ...Object.entries(gpu).flatMap(([dtype, { token }]) => [
      row(`A token on WebGPU, ${dtype}`, 'dispatches', 'count', [token.dispatches], {
        theirs: [PEER.dispatches],
        aim: { ratio: 0.7 },
      }),
      row(`A token on WebGPU, ${dtype}`, 'read back', 'bytes', [token.read], {
        theirs: [PEER.read],
        aim: { most: 64 },
      }),
      row(`A token on WebGPU, ${dtype}`, 'written', 'bytes', [token.written]),
    ]),
    ...Object.entries(perplexity).map(([dtype, found]) =>
      row(
        'Perplexity of a fixed English text on WASM; the other is torch over weights rounded alike',
        dtype,
        'times',
        [found.perplexity],
        {
          theirs: dtype in perplexityOfTorch ? [perplexityOfTorch[dtype]] : [],
          names: { ours: 'webformers', peer: 'torch' },
        },
      ),
    ),
    ...(masks
      ? Object.entries({ half: 0.5, '90 of 100': 0.9, '99 of 100': 0.99, all: 1 }).map(([name, share]) =>
          row(
            `Masks of responseFormat over ${masks.vocabulary} tokens, of ${masks.schemas} schemas; so many of ${masks.times.length} take at most`,
            name,
            'ms',
            [quantile(masks.times, share)],
            { aim: share < 1 ? { most: 1 } : undefined },
          ),
        )
      : []),
  ]
}
