/** @file Draws a demo's icon.svg as the PNGs its manifest names: `node demos/shared/icons.mjs demos/semantic-search`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { launch } from '../../e2e/browser.mjs'

const folder = join(process.argv[2], 'public')
const svg = readFileSync(join(folder, 'icon.svg'), 'utf8')
/** A launcher cuts its own shape out of a maskable icon, and iOS rounds the corners itself: both want a full square. */
const square = svg.replace(/ rx="\d+"/, '')
const icons = [
  { name: 'icon-192.png', size: 192, picture: svg },
  { name: 'icon-512.png', size: 512, picture: svg },
  {
    name: 'icon-maskable-512.png',
    size: 512,
    picture: square
      .replace('viewBox="0 0 512 512"', 'viewBox="-64 -64 640 640"')
      .replace('<rect ', '<rect x="-64" y="-64" ')
      .replace('width="512" height="512"', 'width="640" height="640"'),
  },
  { name: 'apple-touch-icon.png', size: 180, picture: square },
]

const browser = await launch()
const page = await browser.newPage()
for (const { name, size, picture } of icons) {
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(`<style>body{margin:0}svg{display:block}</style>${picture}`)
  await page.screenshot({ path: join(folder, name), omitBackground: true })
}
await browser.close()
