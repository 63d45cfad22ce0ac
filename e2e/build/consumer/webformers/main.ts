import * as library from 'webformers'

Object.assign(globalThis, { library })
