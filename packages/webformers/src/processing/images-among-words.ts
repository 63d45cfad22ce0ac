/** @file Images among the words of SmolVLM and Idefics3: where a text has `<image>`, the tokens at which its parts are read. */
import type { ImageFeatures, ImageInput, ImageInputs } from '@webformers/processors'
import type { PreTrainedTokenizer, TextInput } from '@webformers/tokenizers'
import { OptionError } from '../errors'
import type { Tensor } from '../tensor'

/** How images stand in texts. */
export interface ImagesAmongWords {
  /** The images of each text: a list of images is given out to the texts in their order.
   * @throws {OptionError} when there are more or fewer than the texts have places for */
  samples(
    images: ImageInputs | undefined,
    texts: readonly string[] | undefined,
  ): readonly (readonly ImageInput[])[] | undefined
  /** The texts, with all the tokens at which their images are read. */
  expand(texts: readonly string[], features: Pick<ImageFeatures, 'rows' | 'cols'>): string[]
  /** @throws {OptionError} when some of these tokens were cut off */
  checkWhole(texts: readonly string[], ids: Tensor): void
}

/** The tokens that stand for images. */
interface ImageTokens {
  readonly image_token: string
  readonly fake_image_token: string
  readonly global_image_token: string
}

const TOKENS: ImageTokens = {
  image_token: '<image>',
  fake_image_token: '<fake_token_around_image>',
  global_image_token: '<global-img>',
}

/** @param config `image_seq_len`, the tokens of one part, and the spellings of tokens that differ from the usual ones */
export function imagesAmongWords(
  config: Readonly<Record<string, unknown>>,
  tokenizer: PreTrainedTokenizer,
): ImagesAmongWords {
  const tokens = { ...TOKENS, ...config } as ImageTokens
  const { image_token: mark } = tokens
  const placesIn = (text: string) => text.split(mark).length - 1
  const part = (name: string) => tokens.fake_image_token + name + mark.repeat(Number(config.image_seq_len))

  /** An image in rows and columns, and all of it once more. */
  function written(rows: number, columns: number): string {
    const all = part(tokens.global_image_token) + tokens.fake_image_token
    if (rows === 0 && columns === 0) return all
    const lines = Array.from({ length: rows }, (_, row) =>
      Array.from({ length: columns }, (_, column) => part(`<row_${row + 1}_col_${column + 1}>`)).join(''),
    )
    return `${lines.map((line) => `${line}\n`).join('')}\n${all}`
  }

  return {
    samples(images, texts) {
      const places = texts?.map(placesIn)
      if (images === undefined) {
        if (places?.some((count) => count > 0)) throw mismatch(mark, places, [])
        return undefined
      }
      const samples = samplesOf(images, places)
      const counts = samples.map(({ length }) => length)
      if (places && String(counts) !== String(places)) throw mismatch(mark, places, counts)
      return samples
    },
    expand: (texts, { rows = [], cols = [] }) =>
      texts.map((text, i) => {
        const [first, ...rest] = text.split(mark)
        return first! + rest.map((words, n) => written(rows[i]![n]!, cols[i]![n]!) + words).join('')
      }),
    checkWhole(texts, { data, shape: [, length = 0] }) {
      const id = tokenizer.convertTokensToIds(mark)
      for (const [i, text] of texts.entries()) {
        const found = Array.from(data.subarray(i * length, (i + 1) * length), Number).filter(
          (each) => each === id,
        )
        if (found.length === placesIn(text)) continue
        throw new OptionError(
          `An image's tokens can't be cut off: of ${placesIn(text)} tokens ${mark} the ids have ${found.length}. Leave out truncation, or make maxLength greater.`,
        )
      }
    },
  }
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

function samplesOf(
  images: ImageInputs,
  places: readonly number[] | undefined,
): readonly (readonly ImageInput[])[] {
  if (!isList(images)) return [[images as ImageInput]]
  if (images.some(isList)) return images.map((each) => [each].flat() as ImageInput[])
  const list = images as readonly ImageInput[]
  const wanted = places?.reduce((sum, count) => sum + count, 0)
  if (!places || wanted !== list.length) return [list]
  let next = 0
  return places.map((count) => {
    next += count
    return list.slice(next - count, next)
  })
}

const mismatch = (mark: string, places: readonly number[], images: readonly number[]) =>
  new OptionError(
    `The texts have ${places.join(', ')} times ${mark}, but ${images.join(', ') || 'no'} images were given. Give an image for each, as a list for each text.`,
  )

/** @throws {OptionError} when it is more than texts */
export function plainTexts(text: TextInput, name: string): readonly string[] {
  const texts = typeof text === 'string' ? [text] : text
  if (texts.every((each) => typeof each === 'string')) return texts
  throw new OptionError(`${name} takes a text or a list of texts, not lists of words.`)
}
