/** @file webformers: what its Trainer does at each step, without the Trainer's logs. */
import { adamw, batch } from './batch.js'

const { input_ids, attention_mask, labels } = batch()

export async function load({ hub, repository, device, threads, dropout, lora }) {
  const { AutoModelForSequenceClassification, configure, tensor } = await import('/ours/webformers.js')
  configure({ endpoint: hub })
  const config = { hidden_dropout_prob: dropout, attention_probs_dropout_prob: dropout }
  const model = await AutoModelForSequenceClassification.fromPretrained(repository, { device, threads, config })
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
  const gradients = async () => (await run.step(examples, { seed: seed++, scale: 1 })).loss
  const update = () => run.update({ learningRates, maxGradNorm })
  return {
    about: { trained: trained.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0) },
    forward: () => model(inputs),
    gradients,
    update,
    async step() {
      const loss = await gradients()
      await update()
      return loss
    },
  }
}
