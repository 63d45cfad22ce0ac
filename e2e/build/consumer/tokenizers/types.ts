import {
  AutoTokenizer,
  FileNotFoundError,
  type Offsets,
  type PreTrainedTokenizer,
  type TrainOptions,
} from '@webformers/tokenizers'

export const tokenizer: PreTrainedTokenizer = await AutoTokenizer.fromPretrained('org/name', {
  revision: 'main',
})
export const ids: number[] = tokenizer('I love it').input_ids
export const rows: number[][] = (await tokenizer.callAsync(['I love it'], { padding: true })).input_ids
export const offsets: Offsets[] | undefined = tokenizer('I', { returnOffsetsMapping: true }).offset_mapping
export const text: string = tokenizer.applyChatTemplate([{ role: 'user', content: 'Hi' }], {
  tokenize: false,
})
export const isMissing = (error: unknown): boolean => error instanceof FileNotFoundError

const options: TrainOptions = { onProgress: ({ stage, done }) => console.log(stage, done) }
export const { length } = await tokenizer.trainNewFromIterator(['I love it'], 300, options)
