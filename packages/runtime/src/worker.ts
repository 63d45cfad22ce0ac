/** @file The worker: an engine that answers to the page. */
import { expose } from 'comlink'
import { Engine } from './engine'
import { registerErrors } from './wire'

registerErrors()
expose(new Engine())
