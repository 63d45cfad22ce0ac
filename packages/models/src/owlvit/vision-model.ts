/** @file OWL-ViT's tower of images by itself, as its configuration names it. */
export { visionArchitecture as architecture } from './modeling'
