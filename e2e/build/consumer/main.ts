import * as webformers from 'webformers'

Object.assign(globalThis, { webformers })
