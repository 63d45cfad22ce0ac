/** @file What was measured, as an object to copy and in words. */
import type { Device, Precision } from 'webformers'
import type { Spread } from './statistics'

/** The speed of writing around a length. */
export interface Writing {
  /** How many tokens lie before. */
  readonly past: number
  readonly tokensPerSecond: Spread
  readonly bytesPerToken: number
  /** Tokens a second that the memory would allow. */
  readonly ceiling: number
  /** Of the ceiling, that the median reaches. */
  readonly share: number
}

export interface Result {
  readonly model: string
  readonly device: Device
  readonly dtype: Precision
  /** What the browser tells of the GPU, or how many threads there are. */
  readonly processor: string
  /** Bytes a second; the ceiling is that of the highest. */
  readonly bandwidth: Spread
  readonly reading: { readonly tokens: number; readonly milliseconds: Spread }
  readonly writing: readonly Writing[]
  readonly rounds: number
  readonly browser: string
  readonly date: string
}

const within = ({ median, low, high }: Spread, format: (value: number) => string) =>
  `${format(median)} (${format(low)}–${format(high)})`

export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
export const tokensPerSecond = (speed: number): string => speed.toFixed(speed < 1000 ? 1 : 0)
/** 0.88 → '88 %', 0.0072 → '0.72 %' */
export const percent = (share: number): string =>
  `${Number(share < 0.1 ? (100 * share).toPrecision(2) : (100 * share).toFixed(0))} %`
export const megabytes = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e6).toFixed(3)} MB` : `${(bytes / 1e6).toFixed(0)} MB`
export const milliseconds = (time: Spread): string => within(time, (value) => value.toFixed(0))
export const speedOf = (speed: Spread): string => within(speed, tokensPerSecond)
export const deviceName = (device: Device): string => (device === 'wasm' ? 'WebAssembly' : 'WebGPU')

/**
 * A result as lines of text.
 * @example
 * inText(result)
 * // SmolLM2-135M-Instruct, fp32 on WebAssembly (2 threads)
 * // Memory: 22.1 GB/s
 * // 256 tokens read in 1900 ms (1880–1950)
 * // At 64 past tokens: 36.0 tokens/s (35.0–37.0), 88 % of 40.9: each reads 541 MB
 */
export function inText({ model, device, dtype, processor, ...result }: Result): string {
  const { bandwidth, reading, writing, browser, date } = result
  return [
    `${model}, ${dtype} on ${deviceName(device)} (${processor})`,
    `Memory: ${gigabytes(bandwidth.high)}/s`,
    `${reading.tokens} tokens read in ${milliseconds(reading.milliseconds)} ms`,
    ...writing.map(
      (at) =>
        `At ${at.past} past tokens: ${speedOf(at.tokensPerSecond)} tokens/s, ${percent(at.share)} of ` +
        `${tokensPerSecond(at.ceiling)}: each reads ${megabytes(at.bytesPerToken)}`,
    ),
    `${date}, ${browser}`,
  ].join('\n')
}
