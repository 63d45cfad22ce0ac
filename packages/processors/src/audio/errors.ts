/** @file What can be wrong with sound. */
import { WebformersError } from '@webformers/hub'

/** Sound that makes no sense as an input: none at all, samples that are no numbers, or options that contradict each other. */
export class AudioError extends WebformersError {
  override readonly name: string = 'AudioError'
}

/** Bytes that are no sound that this browser can read. */
export class AudioDecodeError extends AudioError {
  override readonly name = 'AudioDecodeError'
}

/** Why there is no microphone: the user or the page's policy `refused`, there is `none`, something else has it (`busy`), or the page
 * is `insecure`, not served over HTTPS. */
export type MicrophoneFailure = 'refused' | 'none' | 'busy' | 'insecure' | 'failed'

/** The microphone can't be heard; `reason` tells why. */
export class MicrophoneError extends AudioError {
  override readonly name = 'MicrophoneError'

  constructor(
    message: string,
    readonly reason: MicrophoneFailure,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
