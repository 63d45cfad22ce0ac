/** @file Sizes of images and patches in a configuration: one number for a square, or height and width. */
import { type Json, refuse } from './configuration'

export type ImageSize = number | readonly [height: number, width: number]

/**
 * The size that a `config.json` has under this key.
 * @throws {ConfigurationError} when it is neither a number nor two.
 */
export function imageSize<K extends string>(json: Json, key: K, standard: number) {
  const size = json[key] ?? standard
  const numbers = Array.isArray(size) && size.length === 2 ? size : [size]
  if (!numbers.every((each) => typeof each === 'number')) {
    const supported = `a number such as ${standard}, or height and width as [${standard}, ${standard}]`
    refuse({ model_type: String(json.model_type), ...json }, key, supported)
  }
  return { [key]: size } as Readonly<Record<K, ImageSize>>
}

/** Height and width. */
export const heightAndWidth = (size: ImageSize): readonly [height: number, width: number] =>
  typeof size === 'number' ? [size, size] : size
