import * as library from '@webformers/tokenizers'

Object.assign(globalThis, { library })
