/** @file What goes wrong with images, and with what a processor is asked to make of them. */
import { WebformersError } from '@webformers/hub'

/** The image can't be read: broken, empty, or kept from the page by its origin; the message says which. Like `UnidentifiedImageError`. */
export class ImageDecodeError extends WebformersError {
  override readonly name: string = 'ImageDecodeError'
}

/** The file is no image, or one of a kind that this browser does not decode. */
export class UnsupportedImageError extends ImageDecodeError {
  override readonly name = 'UnsupportedImageError'
}

/** The image has more pixels than anybody sends in good faith. Like `DecompressionBombError` of Pillow, at the same limit. */
export class ImageTooLargeError extends ImageDecodeError {
  override readonly name = 'ImageTooLargeError'
}

/** A preprocessor_config.json, or an option, that makes no sense; the message says what would. */
export class ImageProcessorError extends WebformersError {
  override readonly name = 'ImageProcessorError'
}
