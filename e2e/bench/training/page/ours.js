/** @file webformers: what its Trainer does at each step, without the Trainer's logs. */
import { adamw, batch } from './batch.js'

export async function load({ hub, repository, device, threads, dropout, lora, rows, tokens }) {
  const { input_ids, attention_mask, labels } = batch(rows, tokens)
  const { AutoModelForSequenceClassification, configure, tensor } = await import('/ours/webformers.js')
  configure({ endpoint: hub })
  const config = { hidden_dropout_prob: dropout, attention_probs_dropout_prob: dropout }
  const open = () =>
    AutoModelForSequenceClassification.fromPretrained(repository, { device, threads, config })
  const model = await open()
  if (lora) {
    await model.addAdapter({
      peftType: 'LORA',
      taskType: 'SEQ_CLS',
      r: 8,
      loraAlpha: 16,
      targetModules: ['query', 'value'],
    })
  }
  const inputs = { input_ids: tensor(input_ids), attention_mask: tensor(attention_mask) }
  const { parameters, training } = await model.trainable()
  const trained = parameters.filter(({ trainable }) => trainable)
  const decays = ({ name, layerNorm }) => !layerNorm && !name.endsWith('bias')
  const groups = [trained.filter(decays), trained.filter((one) => !decays(one))]
    .filter((group) => group.length > 0)
    .map((group) => ({ parameters: group.map(({ name }) => name), weightDecay: 0.01 }))
  const { betas, eps, learningRate, maxGradNorm } = adamw
  const optimizer = { kind: 'adamw', betas, eps, groups }
  const run = await training({ optimizer, gradientCheckpointing: false, fp16: false })
  const examples = { ...inputs, labels: tensor(labels) }
  const learningRates = groups.map(() => learningRate)
  let seed = 0
  let base // without an adapter; what only trains does not load it
  const gradients = async () => (await run.step(examples, { seed: seed++, scale: 1 })).loss
  const update = () => run.update({ learningRates, maxGradNorm })
  return {
    about: { trained: trained.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0) },
    async forward() {
      base ??= lora ? await open() : model
      await base(inputs)
    },
    gradients,
    update,
    async step() {
      const loss = await gradients()
      await update()
      return loss
    },
  }
}
