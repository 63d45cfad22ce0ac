/** @file Vitest's projects: `node`, `browser` (real Chromium), `e2e` (journeys through built pages) and `types`. */
import { playwright } from '@vitest/browser-playwright'
import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'
import { isolationHeaders, launchOptions } from './e2e/browser.mjs'
import { pushMiddleware } from './e2e/hub-push-server.mjs'

export default defineConfig({
  // Packages read each other's sources; no build comes before a test.
  resolve: { conditions: ['@webformers/source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['@webformers/source', ...defaultServerConditions] } },
  // onnxruntime finds its wasm beside its own module, which pre-bundling would move; the others are ES modules already,
  // and discovering them late would reload a page in mid-test.
  optimizeDeps: {
    exclude: [
      '@huggingface/hub',
      'client-zip',
      'onnxruntime-web',
      'comlink',
      'hash-wasm',
      'hyparquet',
      'hyparquet-compressors',
      'idb-keyval',
    ],
  },
  // A Hub that takes what tests push.
  plugins: [
    {
      name: 'push-hub',
      configureServer({ middlewares }) {
        middlewares.use(pushMiddleware({ base: '/push-hub' }))
      },
    },
  ],
  worker: { format: 'es' },
  server: { headers: isolationHeaders },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          include: ['packages/**/*.test.ts', 'demos/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts', '**/node_modules/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['packages/**/*.browser.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['e2e/**/*.e2e.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          // Errors outside the type tests are `tsc --noEmit`'s to tell.
          typecheck: { enabled: true, only: true, include: ['**/*.test-d.ts'], ignoreSourceErrors: true },
        },
      },
    ],
  },
})
