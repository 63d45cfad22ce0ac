/** @file From samples to the rows of the report: what is compared, and what we aim at. */
import { verdict } from '../metrics.mjs'
import { summary } from '../statistics.mjs'
import { languages, tokenizers } from './inputs.mjs'

const titles = { english: 'English', chinese: 'Chinese', hindi: 'Hindi', code: 'source code' }

/**
 * A row of the report; ratios are ours over the other's, round by round.
 * @param {{ group: string, name: string, unit: string, aim?: import('../metrics.mjs').Aim }} about
 * @param {{ ours: number[], peer?: number[], native?: number[] }} values one a round
 */
function row(about, { ours, peer, native }) {
  const theirs = peer ?? native ?? []
  const compared = {
    ours: summary(ours),
    peer: summary(peer ?? []),
    native: summary(native ?? []),
    ratio: summary(ours.map((value, round) => value / theirs[round])),
  }
  return { ...about, ...compared, verdict: verdict({ ...compared, aim: about.aim }) }
}

const passes = { first: 'unseen text', second: 'seen before' }

function throughputRows(name, { ours, peer, rust }) {
  const group = `${tokenizers[name].title}: texts of 2 kB one at a time, Rust in Node`
  const read = (rounds, language, pass) => rounds?.map((rates) => rates[language][pass])
  return languages.flatMap((language) => {
    const about = { group, unit: 'MB/s', aim: { leastRatio: 3 } }
    const passRows = Object.entries(passes).map(([pass, label]) =>
      row(
        { ...about, name: `${titles[language]}, ${label}` },
        {
          ours: read(ours, language, pass),
          peer: read(peer, language, pass),
          native: read(rust, language, pass),
        },
      ),
    )
    const encode = row(
      { ...about, name: `${titles[language]}, seen before, encode` },
      { ours: read(ours, language, 'encode'), peer: read(peer, language, 'encode') },
    )
    return [...passRows, encode]
  })
}

function nativeRows(name, { node, rust }) {
  return languages.flatMap((language) =>
    Object.entries(passes).map(([pass, label]) =>
      row(
        {
          group: `${tokenizers[name].title}: the same in one Node process, ratio to the Rust library`,
          name: `${titles[language]}, ${label}`,
          unit: 'MB/s',
          aim: { leastRatio: 1 },
        },
        {
          ours: node.map((rates) => rates[language][pass]),
          native: rust.map((rates) => rates[language][pass]),
        },
      ),
    ),
  )
}

function lengthRows(name, rounds) {
  const { title } = tokenizers[name]
  return languages.flatMap((language) => {
    const read = (value) => rounds.map((round) => value(round[language]))
    const one = (name, unit, aim, value) =>
      row(
        { group: `${title}: one string of 2 MB`, name: `${titles[language]}, ${name}`, unit, aim },
        { ours: read(value) },
      )
    const rows = [
      one('over the rate in pieces', 'times', { least: 0.9 }, ({ long, pieces }) => long / pieces),
    ]
    if (rounds[0][language].later) {
      rows.push(
        one('callAsync over that', 'times', { least: 0.9 }, ({ later, pieces }) => later.long / pieces),
        one('longest task of callAsync', 'ms', { most: 50 }, ({ later }) => later.task),
        one('longest wait in callAsync', 'ms', { most: 50 }, ({ later }) => later.gap),
      )
    }
    return rows
  })
}

function loadingRows(name, { ours, peer }) {
  const about = (name_, unit, aim) => ({
    group: `${tokenizers[name].title}: opening it`,
    name: name_,
    unit,
    aim,
  })
  const both = (value) => ({ ours: ours.map(value), peer: peer.map(value) })
  return [
    row(
      about('first visit', 'ms'),
      both(({ first }) => first.open),
    ),
    row(
      about('later visit', 'ms', tokenizers[name].open.aim),
      both(({ later }) => later.open),
    ),
    row(
      about('longest task, first visit', 'ms', { most: 50 }),
      both(({ first }) => first.task),
    ),
    row(
      about('longest task, later visit', 'ms', { most: 50 }),
      both(({ later }) => later.task),
    ),
    row(
      about('longest wait, first visit', 'ms'),
      both(({ first }) => first.gap),
    ),
    row(
      about('longest wait, later visit', 'ms'),
      both(({ later }) => later.gap),
    ),
    row(
      about('memory it holds', 'MB', { ratio: 0.5 }),
      both(({ memory }) => memory / 1e6),
    ),
  ]
}

const sizeRow = (kind, { ours, peer }) =>
  row(
    { group: 'A page with a tokenizer and nothing else downloads', name: kind, unit: 'kB' },
    { ours: [ours[kind] / 1e3], peer: [peer[kind] / 1e3] },
  )

/** The rows of what was measured. */
export function evaluate({ throughput, lengths, loading, sizes }) {
  const each = (samples, rows) => Object.entries(samples).flatMap(([name, sample]) => rows(name, sample))
  return [
    ...each(throughput, throughputRows),
    ...each(throughput, nativeRows),
    ...each(lengths, lengthRows),
    ...each(loading, loadingRows),
    sizeRow('raw', sizes),
    sizeRow('gzip', sizes),
  ]
}

/**
 * Texts whose ids are not the Rust library's, by side and tokenizer.
 * @returns {{ side: string, name: string, language: string, different: number, of: number }[]}
 */
export function differences(throughput) {
  return Object.entries(throughput).flatMap(([name, { rust, ...sides }]) =>
    Object.entries(sides).flatMap(([side, [rates]]) =>
      languages.map((language) => {
        const expected = rust[0][language].hashes
        const different = rates[language].hashes.filter((hash, i) => hash !== expected[i]).length
        return { side, name, language, different, of: expected.length }
      }),
    ),
  )
}
