/** @file A text classifier: words look at each other, their mean is judged. */
import { AutoModel, graph, type PretrainedConfig } from 'webformers'

const { activations, additiveMask, attention, module } = graph
const { embedding, layerNorm, linear } = graph
type Sizes = 'vocab_size' | 'hidden_size' | 'num_attention_heads'
type Config = PretrainedConfig & Record<Sizes, number>
type Tensor = graph.Tensor
type Inputs = { input_ids: Tensor; attention_mask: Tensor }

const Block = ({ hidden_size: size, num_attention_heads: heads }: Config) =>
  module({
    norm: layerNorm(size, 1e-5),
    query: linear(size, size),
    key: linear(size, size),
    value: linear(size, size),
    think: linear(size, size),
  }).forward(({ norm, query, key, value, think }, words: Tensor, bias: Tensor) => {
    const x = norm(words)
    const looked = attention(query(x), key(x), value(x), { heads, bias })
    return words.add(activations.gelu(think(looked.context)))
  })

const Model = (c: Config) =>
  module({
    words: embedding(c.vocab_size, c.hidden_size),
    block: Block(c),
  }).forward(({ words, block }, { input_ids, attention_mask }: Inputs) => ({
    last_hidden_state: block(words(input_ids), additiveMask(attention_mask)),
  }))

const ForSequenceClassification = (c: Config) =>
  module({
    model: Model(c),
    classifier: linear(c.hidden_size, c.num_labels),
  }).forward(({ model, classifier }, inputs: Inputs) => {
    const { last_hidden_state: x } = model(inputs) // [batch, sequence, hidden]
    const counts = inputs.attention_mask.cast('float32').unsqueeze(2)
    const mean = x
      .mul(counts)
      .sum([1])
      .div(counts.sum([1])) // [batch, hidden]
    return { logits: classifier(mean) }
  })

AutoModel.register<Config>('mean-of-glances', {
  heads: { Model, ForSequenceClassification },
})
