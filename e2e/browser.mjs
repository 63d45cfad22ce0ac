/** @file The one place that says which Chromium runs and with which flags; tests, demos and benchmarks launch it alike. */
import { existsSync } from 'node:fs'
import { chromium } from 'playwright'

/** Serve these with a page to make it `crossOriginIsolated`: onnxruntime's threads share memory. */
export const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'cross-origin',
}

/** The browser of this machine, `undefined` where there is none: `CHROMIUM_PATH`, the system's, then Playwright's own. */
export function findBrowser() {
  const system = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  const candidates = [process.env.CHROMIUM_PATH, ...system, chromium.executablePath()]
  return candidates.find((path) => path && existsSync(path))
}

/** Playwright's launch options: headless, with WebGPU on a software adapter and JavaScript Promise Integration. */
export const launchOptions = {
  executablePath: findBrowser(),
  args: [
    '--no-sandbox', // containers run as root
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
    '--enable-features=Vulkan,WebAssemblyJSPI',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-quic',
  ],
}

/**
 * Start it; asked anew where it is, since setup may just have installed it.
 * @param {import('playwright').LaunchOptions} [options]
 */
export const launch = (options) =>
  chromium.launch({ ...launchOptions, executablePath: findBrowser(), ...options })
