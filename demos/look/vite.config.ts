/** @file One page, built into demos/dist beside the others. */
import { defaultClientConditions, defineConfig } from 'vite'
import { pwa } from '../shared/pwa.mjs'

// biome-ignore lint/style/noDefaultExport: where Vite looks for it
export default defineConfig({
  base: './',
  resolve: { conditions: ['@webformers/source', ...defaultClientConditions] }, // the library as it stands in this workspace
  worker: { format: 'es' },
  build: { outDir: '../dist/look', emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0 },
  plugins: [pwa({ changing: ['model.json'] })],
})
