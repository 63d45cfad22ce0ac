import { finish } from '@webformers/hub'
import { expect, test } from 'vitest'
import { filesOf } from '../../reference/fixtures'
import { blueprintOf } from './blueprint'
import { pack, unpack } from './pack'

test.each(['bert-uncased', 'gemma3', 'word-level', 't5', 'bpe-prefix'] as const)(
  'a blueprint of %s comes back as it was',
  async (name) => {
    const blueprint = finish(blueprintOf(filesOf(name)))
    expect(await unpack(pack(blueprint))).toEqual(blueprint)
  },
)
