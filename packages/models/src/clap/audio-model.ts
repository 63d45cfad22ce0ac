/** @file CLAP's tower of sounds by itself, as its configuration names it. */
export { audioArchitecture as architecture } from './modeling'
