import { AutoModelForSequenceClassification, type PreTrainedModel, pipeline, tensor } from 'webformers'

await using model = await AutoModelForSequenceClassification.fromPretrained('org/name', { device: 'wasm' })
const { logits } = await model({ input_ids: tensor([101, 102], [1, 2], 'int32') })
export const shape: readonly number[] = logits.shape
export const device: PreTrainedModel['device'] = model.device

await using classify = await pipeline('text-classification', 'org/name')
const [best] = await classify('I love it')
export const label: string = best?.label ?? ''
