/** @file The part of SAM that reads the image, as a model by itself. */
export { visionArchitecture as architecture } from './modeling'
