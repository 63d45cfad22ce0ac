/** @file The demo's journey, with the real model. */
import { beforeAll, test } from 'vitest'
import { buildDemos } from '../../demos/build.mjs'
import { takeJourney } from '../demos/journey.ts'
import { hubRoot, repository } from './minilm.mjs'

beforeAll(() => buildDemos())

test('semantic search finds what was meant, offline too', () =>
  takeJourney({
    mirror: hubRoot,
    repository,
    sentences: 96,
    expected: { query: 'someone is told to clean the ship', answer: /sweep down the decks/ },
  }))
