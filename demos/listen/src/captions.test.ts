import { expect, test } from 'vitest'
import { clock, cuesOf, srt, textOf, vtt } from './captions'
import type { Word } from './passages'

/** Half a second each, one after the other. */
const spoken = (text: string, from = 0): Word[] =>
  text.split(' ').map((word, i) => ({ text: ` ${word}`, start: from + i / 2, end: from + i / 2 + 0.5 }))

test('a cue ends with a sentence, at a pause, and before it is too long', () => {
  expect(cuesOf([...spoken('One two. Three'), ...spoken('four', 10)])).toEqual([
    { start: 0, end: 1, text: 'One two.' },
    { start: 1, end: 1.5, text: 'Three' },
    { start: 10, end: 10.5, text: 'four' },
  ])
  const long = cuesOf(spoken(Array.from({ length: 30 }, () => 'word').join(' ')))
  expect(long.map(({ start, end }) => end - start)).toEqual([6, 6, 3])
  const wide = cuesOf(spoken(Array.from({ length: 8 }, () => 'a'.repeat(20)).join(' ')))
  expect(wide.map(({ text }) => text.length)).toEqual([83, 83])
})

test('SRT and WebVTT, as their players read them', () => {
  const words = [...spoken('5 < 6.'), ...spoken('Later & last', 3661.25)]
  expect(srt(words)).toBe(
    '1\n00:00:00,000 --> 00:00:01,500\n5 < 6.\n\n2\n01:01:01,250 --> 01:01:02,750\nLater & last\n',
  )
  expect(vtt(words)).toBe(
    'WEBVTT\n\n00:00:00.000 --> 00:00:01.500\n5 &lt; 6.\n\n01:01:01.250 --> 01:01:02.750\nLater &amp; last\n',
  )
  expect(textOf(words)).toBe('5 < 6. Later & last')
  expect(vtt([])).toBe('WEBVTT\n\n')
})

test('times of a clock', () => {
  expect([0, 65.9, 599.99999, 3605].map(clock)).toEqual(['0:00', '1:05', '10:00', '1:00:05'])
})
