/** @file Waiting, which an abort ends. */
import { abortable } from './request'

export const pause = (milliseconds: number, signal: AbortSignal | undefined): Promise<void> =>
  abortable(new Promise((resolve) => setTimeout(resolve, milliseconds)), signal)
