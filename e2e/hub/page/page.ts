/** @file A page with nothing but the hub in it, for tests to call. */
import * as hub from '@webformers/hub'

Object.assign(globalThis, { hub })
