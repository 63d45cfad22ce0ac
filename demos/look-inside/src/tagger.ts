/** @file The model, and all that is read out of it: tags, attention maps, the length of inner vectors, what heads are for. */
import {
  AutoModelForTokenClassification,
  AutoTokenizer,
  type PreTrainedModel,
  type PreTrainedTokenizer,
  type Tensor,
} from 'webformers'
import { embeddedModel } from '../../shared/embedded'

/** Both counted from 0. */
export interface Head {
  readonly layer: number
  readonly head: number
}

export interface Word {
  readonly text: string
  /** The number of the most probable tag. */
  readonly tag: number
  /** Of each tag. */
  readonly probabilities: readonly number[]
}

/** What the model makes of a sentence. */
export interface Reading {
  readonly sentence: string
  readonly words: readonly Word[]
  readonly tokens: readonly string[]
  /** One head's weights, [tokens, tokens]: a row is where one token looks, and sums to 1. */
  attention(head: Head): Float32Array
  /** By the name of what was measured: for each layer the length of each token's vector. */
  readonly norms: ReadonlyMap<string, readonly number[][]>
}

/** Inner values that are measured, by the ends of their paths in a layer. */
const measured: Readonly<Record<string, string>> = {
  Queries: 'attention.self.query',
  Keys: 'attention.self.key',
  Values: 'attention.self.value',
  'Feed-forward': 'intermediate',
}

/** https://universaldependencies.org/u/pos */
const names: Readonly<Record<string, string>> = {
  ADJ: 'adjective',
  ADP: 'preposition',
  ADV: 'adverb',
  AUX: 'auxiliary',
  CCONJ: 'conjunction',
  DET: 'determiner',
  INTJ: 'interjection',
  NOUN: 'noun',
  NUM: 'number',
  PART: 'particle',
  PRON: 'pronoun',
  PROPN: 'name',
  PUNCT: 'punctuation',
  SCONJ: 'conjunction of a clause',
  VERB: 'verb',
  X: 'other',
}

export class Tagger {
  private constructor(
    readonly model: PreTrainedModel,
    readonly tokenizer: PreTrainedTokenizer,
  ) {}

  static async load(): Promise<Tagger> {
    const files = await embeddedModel()
    const [model, tokenizer] = await Promise.all([
      AutoModelForTokenClassification.fromPretrained(files),
      AutoTokenizer.fromPretrained(files),
    ])
    return new Tagger(model, tokenizer)
  }

  /** A tag as people call it. */
  nameOf(tag: number): string {
    const label = this.model.config.id2label[tag]!
    return names[label] ?? label
  }
  get layers(): number {
    return Number(this.model.config.num_hidden_layers)
  }
  get heads(): number {
    return Number(this.model.config.num_attention_heads)
  }

  /** Everything at once, in one run. @param masked heads that have no say */
  async read(sentence: string, masked: readonly Head[]): Promise<Reading> {
    const encoding = this.#encode(sentence)
    const paths = Object.values(measured).flatMap((end) =>
      this.#layers((layer) => `bert.encoder.layer.${layer}.${end}`),
    )
    const look = this.model.capture(paths)
    const outputs = await look(encoding, {
      outputAttentions: true,
      outputHiddenStates: true,
      headMask: this.#mask(masked),
    })
    const {
      logits,
      attentions = [],
      hidden_states = [],
      captured,
    } = outputs as typeof outputs & { logits: Tensor<'float32'> }
    const tokens = this.tokenizer.convertIdsToTokens(encoding.input_ids).map((token) => token ?? '')
    const size = tokens.length ** 2
    const inner = Object.entries(measured).map(([name, end]) => {
      const tensors = this.#layers(
        (layer) => captured[`bert.encoder.layer.${layer}.${end}`] as Tensor<'float32'>,
      )
      return [name, tensors.map(lengths)] as const
    })
    return {
      sentence,
      words: this.#words(sentence, encoding, logits),
      tokens,
      attention: ({ layer, head }) => attentions[layer]!.data.subarray(head * size, (head + 1) * size),
      norms: new Map([['Hidden states', hidden_states.map(lengths)], ...inner]),
    }
  }

  /** The words alone, without some heads. */
  async tag(sentence: string, masked: readonly Head[], signal?: AbortSignal): Promise<Word[]> {
    const encoding = this.#encode(sentence)
    const outputs = await this.model(encoding, { headMask: this.#mask(masked), signal })
    return this.#words(sentence, encoding, (outputs as typeof outputs & { logits: Tensor<'float32'> }).logits)
  }

  #encode = (sentence: string) => this.tokenizer(sentence, { truncation: true })

  #layers = <T>(of: (layer: number) => T): T[] => Array.from({ length: this.layers }, (_, layer) => of(layer))

  /** [layers, heads], 0 where a head is masked. */
  #mask(masked: readonly Head[]): number[][] {
    const mask = this.#layers(() => new Array<number>(this.heads).fill(1))
    for (const { layer, head } of masked) mask[layer]![head] = 0
    return mask
  }

  /** A word's first piece speaks for it, as in training. */
  #words(
    sentence: string,
    encoding: ReturnType<PreTrainedTokenizer>,
    { data, shape }: Tensor<'float32'>,
  ): Word[] {
    const numbers = encoding.wordIds(0)
    const count = 1 + Math.max(-1, ...numbers.map((word) => word ?? -1))
    const classes = shape[2]!
    return Array.from({ length: count }, (_, word) => {
      const token = numbers.indexOf(word)
      const [start, end] = encoding.wordToChars(word)!
      const probabilities = softmax(data.subarray(token * classes, (token + 1) * classes))
      const tag = probabilities.indexOf(Math.max(...probabilities))
      return { text: sentence.slice(start, end), tag, probabilities }
    })
  }
}

function softmax(logits: Float32Array): number[] {
  const highest = Math.max(...logits)
  const powers = Array.from(logits, (logit) => Math.exp(logit - highest))
  const sum = powers.reduce((a, b) => a + b)
  return powers.map((power) => power / sum)
}

/** The Euclidean length of each of a tensor's vectors, [1, tokens, size]. */
function lengths({ data, shape }: Tensor<'float32'>): number[] {
  const size = shape.at(-1)!
  return Array.from({ length: data.length / size }, (_, i) =>
    Math.hypot(...data.subarray(i * size, (i + 1) * size)),
  )
}

/** How much of the probability of its tags an answer keeps less in another one: the mean over its words. */
export function loss(answer: readonly Word[], other: readonly Word[]): number {
  const lost = answer.map(({ tag, probabilities }, i) => probabilities[tag]! - other[i]!.probabilities[tag]!)
  return lost.reduce((sum, each) => sum + each, 0) / Math.max(1, answer.length)
}

/** How many words have another tag. */
export const changes = (answer: readonly Word[], other: readonly Word[]): number =>
  answer.filter(({ tag }, i) => other[i]!.tag !== tag).length
