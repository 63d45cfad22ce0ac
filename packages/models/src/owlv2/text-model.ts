/** @file OWLv2's tower of texts by itself, as its configuration names it. */
export { textArchitecture as architecture } from './modeling'
