import { expect, test } from 'vitest'
import { matchPatterns } from './patterns'

// What Python 3's fnmatch.fnmatchcase answers, which huggingface_hub filters with.
test.each<[pattern: string, matching: string[], others: string[]]>([
  ['*.json', ['config.json', 'onnx/config.json', '.json'], ['config.jsonl', 'config_json']],
  ['onnx/*', ['onnx/model.onnx', 'onnx/a/b', 'onnx/'], ['onnx', 'x/onnx/a']],
  ['onnx/', ['onnx/model.onnx', 'onnx/a/b'], ['onnx', 'x/onnx/a']],
  ['model-0000?-of-*', ['model-00001-of-00002.safetensors'], ['model-00010-of-00011.safetensors']],
  ['model.[sb]*', ['model.safetensors', 'model.bin'], ['model.msgpack']],
  ['model.[!s]*', ['model.bin'], ['model.safetensors', 'model.']],
  ['a[]]b', ['a]b'], ['ab', 'a[]]b']],
  ['a[^x]', ['a^', 'ax'], ['ay']],
  ['a+(b).txt', ['a+(b).txt'], ['aab.txt']],
  ['a[b', ['a[b'], ['ab']],
])('%s', (pattern, matching, others) => {
  expect(matching.filter((path) => !matchPatterns(path, [pattern]))).toEqual([])
  expect(others.filter((path) => matchPatterns(path, [pattern]))).toEqual([])
})
