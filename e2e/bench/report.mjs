/** @file The comparison for a terminal and as one self-contained page with bars. */
import { describeAim } from './metrics.mjs'

const digits = { ms: 1, MB: 1, 'MB/s': 2, kB: 0, count: 0, bytes: 0, share: 3, cosine: 4, times: 2 }
const labels = {
  ms: ' ms',
  MB: ' MB',
  'MB/s': ' MB/s',
  kB: ' kB',
  count: '',
  bytes: ' bytes',
  share: '',
  cosine: '',
  times: ' ×',
}

const show = (summary, unit) => (summary ? `${summary.median.toFixed(digits[unit])}${labels[unit]}` : '–')

function spread(summary, unit) {
  if (!summary || summary.low === summary.high) return ''
  return `${summary.low.toFixed(digits[unit])}–${summary.high.toFixed(digits[unit])}`
}

const showRatio = (ratio) => (ratio && Number.isFinite(ratio.median) ? ratio.median.toFixed(2) : '–')
const ratioSpread = (ratio) =>
  ratio && ratio.low !== ratio.high ? `${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)}` : ''

function groupsOf(rows) {
  const groups = new Map() // Node 20 has no Map.groupBy
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row])
  return groups
}

const describeRun = (about) =>
  `${about.processor}, ${about.cores} cores, ${about.threads ? `${about.threads} threads for each side, ` : ''}${about.browser}; ` +
  `${about.rounds} alternating rounds on ${about.date.slice(0, 10)}, load at the start ${about.load.toFixed(1)}`

/** Medians with lowest and highest; ratios are ours over the peer's, taken round by round. */
export function printTable(about, rows) {
  console.log(`\n${about.title}\n${describeRun(about)}`)
  for (const [group, members] of groupsOf(rows)) {
    console.log(`\n${group}`)
    const table = members.map((row) => [
      `  ${row.name}`,
      `${show(row.ours, row.unit)} ${parenthesized(spread(row.ours, row.unit))}`,
      `${show(row.peer, row.unit)} ${parenthesized(spread(row.peer, row.unit))}`,
      row.native ? `native ${show(row.native, row.unit)}` : '',
      `ratio ${showRatio(row.ratio)} ${parenthesized(ratioSpread(row.ratio))}`,
      row.aim ? `aim ${describeAim(row.aim)}: ${row.verdict}` : '',
    ])
    const widths = table[0].map((_, column) => Math.max(...table.map((cells) => cells[column].length)))
    for (const cells of table) {
      console.log(
        cells
          .map((cell, column) => cell.padEnd(widths[column]))
          .join('  ')
          .trimEnd(),
      )
    }
  }
}

const parenthesized = (text) => text && `(${text})`

/** @returns {string} a page that needs nothing else */
export function toHtml(about, rows) {
  const sections = [...groupsOf(rows)].map(([group, members]) => {
    return `<section><h2>${escapeHtml(group)}</h2>${members.map((row) => figure(row, row.names ?? about.names)).join('')}</section>`
  })
  const legend = Object.entries(about.names)
    .map(([side, name]) => `<span class="key ${side}">${name}</span>`)
    .join('')
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(about.title)}</title>
<style>${style}</style>
<h1>${escapeHtml(about.title)}</h1>
<p>${escapeHtml(about.subject)}. ${escapeHtml(describeRun(about))}.</p>
<p>Bars are medians, the thin line runs from the lowest to the highest round; ratios are ours over the peer’s.</p>
<p>${legend}</p>
${sections.join('\n')}
</html>
`
}

function figure(row, names) {
  const sides = Object.entries(names)
  const largest = Math.max(...sides.map(([side]) => row[side]?.high ?? 0)) || 1
  const percent = (value) => `${((100 * value) / largest).toFixed(2)}%`
  const bars = sides
    .filter(([side]) => row[side])
    .map(([side, name]) => {
      const { median, low, high } = row[side]
      const whisker = `<i style="left:${percent(low)};width:${percent(high - low)}"></i>`
      const bar = `<b class="${side}" style="width:${percent(median)}"></b>${high > low ? whisker : ''}`
      return `<dt>${name}</dt><dd><span class="track">${bar}</span><output>${show(row[side], row.unit)}</output></dd>`
    })
  const verdict = row.aim
    ? `<span class="verdict ${row.verdict.replaceAll(' ', '-')}">${row.verdict}</span>`
    : ''
  const aim = row.aim ? `, aim ${describeAim(row.aim)} ` : ''
  const ratio = `ratio ${showRatio(row.ratio)} ${parenthesized(ratioSpread(row.ratio))}`.trim()
  return `<figure><figcaption>${escapeHtml(row.name)} <small>${ratio}${aim}${verdict}</small></figcaption><dl>${bars.join('')}</dl></figure>`
}

const escapeHtml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

const style = `
:root { color-scheme: light dark; --ours: light-dark(#0b6e5f, #4fd1b5); --peer: light-dark(#b8742a, #e0a862); --native: light-dark(#8a8f98, #7d838d); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.05rem; margin: 2.2rem 0 .6rem; }
figure { margin: 0 0 1rem; } small { opacity: .75; }
dl { display: grid; grid-template-columns: 9.5rem 1fr; gap: 2px .6rem; margin: .2rem 0; }
dt { font-size: .8rem; text-align: right; opacity: .75; } dd { margin: 0; display: flex; gap: .6rem; align-items: center; }
.track { position: relative; flex: 1; height: .8rem; } .track b { position: absolute; inset: 0 auto 0 0; border-radius: 2px; }
.track i { position: absolute; top: 50%; border-top: 1px solid; opacity: .8; }
output { width: 6.5rem; font-variant-numeric: tabular-nums; }
.ours { background: var(--ours); } .peer { background: var(--peer); } .native { background: var(--native); }
.key { margin-right: 1rem; padding: .1rem .6rem; border-radius: 2px; color: light-dark(#fff, #111); font-size: .85rem; }
.verdict { padding: 0 .4rem; border-radius: 2px; border: 1px solid; } .missed { color: light-dark(#b3261e, #ff8a80); }
.met { color: var(--ours); }
`
