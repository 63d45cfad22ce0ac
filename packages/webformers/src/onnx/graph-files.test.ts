import { FileNotFoundError, openRepository, type Repository } from '@webformers/hub'
import { describe, expect, test } from 'vitest'
import { OptionError } from '../errors'
import { findGraphs, type GraphOptions, gpuBytes } from './graph-files'
import { isExported } from './is-exported'

const open = (...paths: string[]) =>
  openRepository(Object.fromEntries(paths.map((path) => [path, new Blob([path])])), { cache: false })

/** The files that are taken of those there are. */
async function taken(
  paths: string[],
  options: GraphOptions = {},
  { device = 'wasm' as 'wasm' | 'webgpu', config = {} } = {},
) {
  const graphs = await findGraphs(await open(...paths), config, options, device)
  return Object.values(graphs).map(({ path }) => path)
}

const all = ['', '_fp16', '_int8', '_uint8', '_quantized', '_q4', '_q4f16', '_bnb4'].map(
  (suffix) => `onnx/model${suffix}.onnx`,
)

describe('precision', () => {
  test.each([
    ['fp32', 'onnx/model.onnx'],
    ['fp16', 'onnx/model_fp16.onnx'],
    ['int8', 'onnx/model_int8.onnx'],
    ['uint8', 'onnx/model_uint8.onnx'],
    ['q8', 'onnx/model_quantized.onnx'],
    ['q4', 'onnx/model_q4.onnx'],
    ['q4f16', 'onnx/model_q4f16.onnx'],
    ['bnb4', 'onnx/model_bnb4.onnx'],
  ] as const)('%s is %s', async (dtype, path) => {
    expect(await taken(all, { dtype })).toEqual([path])
  })

  test('auto is what the device does best, of what is there', async () => {
    expect(await taken(all)).toEqual(['onnx/model_quantized.onnx'])
    expect(await taken(all, {}, { device: 'webgpu' })).toEqual(['onnx/model.onnx'])
    expect(await taken(['onnx/model.onnx'])).toEqual(['onnx/model.onnx'])
    expect(await taken(['onnx/model_q4f16.onnx'], { dtype: 'auto' }, { device: 'webgpu' })).toEqual([
      'onnx/model_q4f16.onnx',
    ])
  })

  test('auto is what config.json says first, of a device before of all', async () => {
    const peer = { dtype: 'q4', device_config: { webgpu: { dtype: { model: 'fp16' } } } }
    const config = { 'transformers.js_config': peer }
    expect(await taken(all, {}, { config })).toEqual(['onnx/model_q4.onnx'])
    expect(await taken(all, {}, { config, device: 'webgpu' })).toEqual(['onnx/model_fp16.onnx'])
    expect(await taken(all, { dtype: 'fp32' }, { config })).toEqual(['onnx/model.onnx'])
    expect(await taken(['onnx/model.onnx'], {}, { config })).toEqual(['onnx/model.onnx'])
  })

  test('a file that is not there is refused, and those that are there are listed', async () => {
    const loading = taken(['onnx/model.onnx', 'onnx/model_quantized.onnx'], { dtype: 'q4' })
    await expect(loading).rejects.toThrow(FileNotFoundError)
    await expect(loading).rejects.toThrow(
      "has no exported model of dtype 'q4'. It has onnx/model.onnx (dtype: 'fp32'), onnx/model_quantized.onnx (dtype: 'q8').",
    )
    await expect(taken(all, { dtype: 'q2' as 'q4' })).rejects.toThrow(OptionError)
    await expect(taken(all, { dtype: 'q2' as 'q4' })).rejects.toThrow(/'q2'.*Known: 'auto', 'fp32', 'fp16'/)
  })
})

describe('parts', () => {
  const parts = ['encoder_model', 'decoder_model', 'decoder_with_past_model', 'decoder_model_merged']
  const whole = parts.map((part) => `onnx/${part}.onnx`)
  const pair = { config: { is_encoder_decoder: true } }

  test('a merged decoder before its halves, these before the first alone', async () => {
    expect(await taken(whole, {}, pair)).toEqual([
      'onnx/encoder_model.onnx',
      'onnx/decoder_model_merged.onnx',
    ])
    expect(await taken(whole.slice(0, 3), {}, pair)).toEqual(whole.slice(0, 3))
    expect(await taken(whole.slice(0, 2), {}, pair)).toEqual(whole.slice(0, 2))
  })

  test('decoders alone, as they were once exported', async () => {
    expect(await taken(['onnx/decoder_model_merged.onnx'])).toEqual(['onnx/decoder_model_merged.onnx'])
    expect(await taken(whole.slice(1, 3))).toEqual(whole.slice(1, 3))
  })

  test('each part has its own precision', async () => {
    const files = [...whole, 'onnx/decoder_model_merged_q4.onnx', 'onnx/encoder_model_fp16.onnx']
    const dtype = { encoder_model: 'fp16', decoder_model_merged: 'q4' } as const
    expect(await taken(files, { dtype }, pair)).toEqual([
      'onnx/encoder_model_fp16.onnx',
      'onnx/decoder_model_merged_q4.onnx',
    ])
  })

  test('beside config.json, as Optimum writes; the folder comes first', async () => {
    expect(await taken(['model.onnx'])).toEqual(['model.onnx'])
    expect(await taken(['model.onnx', 'onnx/model.onnx'])).toEqual(['onnx/model.onnx'])
  })

  test('a file by its name', async () => {
    const files = ['onnx/model.onnx', 'onnx/model_O2.onnx', 'onnx/model_O2_quantized.onnx']
    expect(await taken(files, { modelFileName: 'model_O2' })).toEqual(['onnx/model_O2.onnx'])
    expect(await taken(files, { modelFileName: 'model_O2.onnx', dtype: 'q8' })).toEqual([
      'onnx/model_O2_quantized.onnx',
    ])
    await expect(taken(files, { modelFileName: 'model_O9' })).rejects.toThrow('Looked for model_O9.onnx')
  })
})

describe('weights beside a graph', () => {
  const data = async (paths: string[], format?: unknown) => {
    const config = { 'transformers.js_config': { use_external_data_format: format } }
    return (await findGraphs(await open(...paths), config, { dtype: 'fp32' }, 'wasm')).model!.data
  }
  const [first, second] = ['onnx/model.onnx_data', 'onnx/model.onnx_data_1']

  test.each([
    ['said as a number', { 'model.onnx': 2 }, [first, second]],
    ['said of this file', { 'model.onnx': true }, [first]],
    ['said of another file, and there', { 'model_fp16.onnx': 2 }, [first, second]],
    ['said of all', true, [first]],
    ['not said, and there', undefined, [first, second]],
  ])('%s', async (_, format, expected) => {
    expect(await data(['onnx/model.onnx', first!, second!], format)).toEqual(expected)
  })

  test("under PyTorch's name", async () => {
    expect(await data(['onnx/model.onnx', 'onnx/model.onnx.data'])).toEqual(['onnx/model.onnx.data'])
  })

  test('count for what a GPU would run, unless no GPU can', async () => {
    const files = {
      'config.json': new Blob(['{}']),
      'onnx/model.onnx': new Blob(['graph']),
      [first!]: new Blob(['weights']),
    }
    const repository = await openRepository(
      { ...files, 'onnx/model_quantized.onnx': new Blob() },
      { cache: false },
    )
    expect(await gpuBytes(repository, { dtype: 'fp32' })).toBe('graph'.length + 'weights'.length)
    expect(await gpuBytes(repository, { dtype: 'q8' })).toBe(0)
  })
})

describe('whether exported graphs are meant', () => {
  test.each([
    ['original weights come first', ['model.safetensors', 'onnx/model.onnx'], {}, false],
    ['unless it is asked for', ['model.safetensors', 'onnx/model.onnx'], { fromOnnx: true }, true],
    ['or a graph is named', ['model.safetensors', 'onnx/model.onnx'], { modelFileName: 'model' }, true],
    ['nothing but graphs', ['onnx/model_quantized.onnx'], {}, true],
    ['nothing but a pair', ['onnx/encoder_model.onnx', 'onnx/decoder_model_merged.onnx'], {}, true],
    ['never, if that is asked for', ['onnx/model.onnx'], { fromOnnx: false }, false],
    ['another kind of checkpoint is asked for', ['onnx/model.onnx'], { fromFlax: true }, false],
  ])('%s', async (_, paths, options, expected) => {
    expect(await isExported(await open(...paths), options)).toBe(expected)
  })

  test('neither is there', async () => {
    const asking = isExported(await open('config.json'), {})
    await expect(asking).rejects.toThrow(FileNotFoundError)
    await expect(asking).rejects.toThrow('Looked for model.safetensors')
  })
})

test('a folder that lists nothing is asked for no file twice, and for few', async () => {
  const listed = await open('onnx/model.onnx', 'onnx/model_quantized.onnx')
  const asked: string[] = []
  const repository: Repository = {
    ...listed,
    list: async () => undefined,
    has: (path) => {
      asked.push(path)
      return listed.has(path)
    },
  }
  expect(Object.values(await findGraphs(repository, {}, {}, 'wasm')).map(({ path }) => path)).toEqual([
    'onnx/model_quantized.onnx',
  ])
  expect(asked).toEqual([
    'onnx/model_quantized.onnx',
    'onnx/model_quantized.onnx_data',
    'onnx/model_quantized.onnx.data',
  ])
})
