/** @file A model as a Trainer sees it: what there is to train, and a training in the model's worker. */
import { type InputType, type Program, sizeOf } from '@webformers/graph'
import { checkpointFiles, finishCalmly, openRepository, type Repository } from '@webformers/hub'
import {
  describeTraining,
  type LossHook,
  lossCount,
  type PretrainedConfig,
  traceModel,
  traceTraining,
} from '@webformers/models'
import type { LoadedProgram, PlainTensor, PlainTensors } from '@webformers/runtime'
import { completeInputs } from './inputs'
import { areObjects, matchedLabels, noObjects, queryOutputs } from './objects'
import type { Programs } from './programs'
import { modelFiles } from './save'
import type {
  Batch,
  Evaluator,
  LossOptions,
  TrainableModel,
  TrainingRun,
  TrainingRunOptions,
} from './trainer/trainable'

/** @throws {GraphError} when the head has no loss */
export async function trainableOf(model: Programs, repository: Repository): Promise<TrainableModel> {
  const { configured, head, client } = model
  const { architecture, config } = configured
  const about = describeTraining(architecture, head, config, {
    loss: {},
    adapt: model.adapters?.training().adapt,
  })
  const inputNames = Object.keys(about.inputs)
  const outputNames = model.outputs
  const detects = TARGET in about.labels

  return {
    inputNames,
    labelNames: detects ? ['labels'] : Object.keys(about.labels),
    outputNames,
    mainInputName: inputNames[0]!,
    parameters: about.parameters.map((parameter) => ({
      ...parameter,
      trainable: model.trains(parameter.name),
    })),
    lossCount: lossCount(head, config),
    classes: Object.fromEntries(
      Object.entries(about.labels).filter((entry): entry is [string, number] => entry[1] !== undefined),
    ),
    evaluator: async (options) => evaluatorOf(model, options),
    training: (options) => beginTraining(model, Object.keys(about.labels), options),
    async adopt(weights) {
      await model.change((await model.adapters?.adopt(weights)) ?? weights)
    },
    toFiles: ({ signal }) => modelFiles({ ...savable(model), repository }, { dtype: 'fp32', signal }),
    async weightsIn(files) {
      if (model.adapters) return model.adapters.weightsIn(files)
      const { changed: _, ...policy } = model.policy
      // An optimizer's tensors lie beside them.
      const own = await checkpointFiles(await openRepository({ ...files }))
      const saved = await client.save(own, policy)
      return saved.filter(({ name }) => model.trains(name))
    },
  }
}

/** A label of what objects on images are matched with. */
const TARGET = 'target_classes'

/** A batch whose labels are objects on images, as what they become once they are matched with what the model finds. */
async function matched(
  batch: Batch,
  config: PretrainedConfig,
  find: (batch: Batch, outputs: readonly string[]) => Promise<PlainTensors>,
): Promise<Batch> {
  const { labels, ...rest } = batch as Omit<Batch, 'labels'> & { labels?: unknown }
  if (!areObjects(labels)) return batch
  const given = rest as Batch
  return { ...given, ...matchedLabels(config, await find(given, queryOutputs(config)), labels) }
}

const savable = ({ client, files, policy, configured, head, adapters }: Programs) => ({
  adapters,
  client,
  files,
  policy,
  configured,
  head,
})

const hookOf = ({ labelSmoothing, computeLoss, labels }: LossOptions): LossHook => ({
  of: computeLoss as LossHook['of'],
  labelSmoothing,
  labels,
})

/** Programs of the weights as they are, one for each set of outputs. */
function evaluatorOf(model: Programs, options: LossOptions): Evaluator {
  const { configured, head, client, files, policy, adapters } = model
  const { architecture, config } = configured
  const programs = new Map<string, Promise<LoadedProgram>>()
  const request = (outputs: readonly string[]) => {
    const hooks = outputs.includes('loss') ? { loss: hookOf(options) } : {}
    const plain = { hooks, key: '', inputs: {} }
    return adapters?.request(plain) ?? plain
  }
  const load = async (outputs: readonly string[]) => {
    const { hooks } = request(outputs)
    const tracing = traceModel(architecture, head, config, outputs, model.target, hooks)
    return client.load(await finishCalmly(tracing), files, { policy })
  }
  const evaluate: Evaluator['evaluate'] = async (batch, { outputs, signal }) => {
    const find = (images: Batch, queries: readonly string[]) => evaluate(images, { outputs: queries, signal })
    const given = outputs.includes('loss') ? await matched(batch, config, find) : batch
    const key = outputs.join()
    if (!programs.has(key)) programs.set(key, load(outputs))
    const loaded = await programs.get(key)!
    const { program } = loaded
    const complete = completeInputs({ ...given, ...request(outputs).inputs }, program, configured)
    const fed = taken(adapters?.feed(complete, program) ?? complete, program)
    const found = await loaded.run(fed, { signal })
    return adapters?.answer(found, program) ?? found
  }
  return { evaluate }
}

async function beginTraining(
  model: Programs,
  labels: readonly string[],
  { optimizer, gradientCheckpointing, fp16, signal, ...options }: TrainingRunOptions,
): Promise<TrainingRun> {
  const { configured, head, client, files, capabilities, adapters } = model
  const adapted = adapters?.training()
  const changed = [...(model.policy.changed ?? []), ...(adapted?.changed ?? [])]
  const policy = { ...model.policy, changed }
  const { architecture, config } = configured
  const target = { ...model.target, ...(fp16 && { compute: 'float16' as const }) }
  const hooks = {
    loss: hookOf(options),
    dropout: true,
    checkpointing: gradientCheckpointing,
    parameters: model.trained,
    groups: optimizer.groups.map(({ parameters }) => parameters),
    adapt: adapted?.adapt,
  }
  const layout = capabilities.device === 'webgpu' ? 'flat' : 'named'
  const detects = labels.includes(TARGET)
  const given = detects ? [...new Set([...model.outputs, ...queryOutputs(config)])] : model.outputs
  const tracing = traceTraining(architecture, head, config, given, hooks, target, layout)
  const program = await finishCalmly(tracing, signal)
  await model.change([]) // what is loaded for inference would hold the weights a second time
  const lossScaling = fp16 ? GRAD_SCALER : undefined
  const training = await client.train(program, files, { policy, optimizer, lossScaling, signal })
  const rows = program.trainable.flatMap(({ lookup }) => (lookup ? [lookup.ids] : []))
  const trained = new Set(program.trainable.map(({ name }) => name))
  const frozen = Object.entries(adapted?.inputs ?? {}).filter(([name]) => !trained.has(name))
  const fedTo = (batch: Batch, of: Program) => {
    const complete = completeInputs({ ...batch, ...Object.fromEntries(frozen) }, of, configured)
    return taken(adapters?.feed(complete, of) ?? complete, of, rows)
  }
  const find = (batch: Batch, outputs: readonly string[], aborted?: AbortSignal) =>
    training.evaluate(fedTo(withLabels(batch, labels, program.evaluate, config), program.evaluate), {
      outputs,
      signal: aborted,
    })
  const evaluate: Evaluator['evaluate'] = async (batch, { outputs, signal: aborted }) => {
    const finding = (images: Batch, queries: readonly string[]) => find(images, queries, aborted)
    const whole = outputs.includes('loss')
      ? await matched(batch, config, finding)
      : withLabels(batch, labels, program.evaluate, config)
    const found = await training.evaluate(fedTo(whole, program.evaluate), { outputs, signal: aborted })
    return adapters?.answer(found, program.evaluate) ?? found
  }
  return {
    async step(batch, { seed, scale, signal: aborted }) {
      const whole = await matched(batch, config, (images, queries) => find(images, queries, aborted))
      const { loss } = await training.step(fedTo(whole, program.step), { seed, scale, signal: aborted })
      return { loss }
    },
    update: (settings) => training.update(settings),
    zeroGrad: () => training.zeroGrad(),
    evaluate,
    state: () => training.state(),
    restore: (state) => training.restore(state),
    weights: () => training.weights(),
    dispose: () => training.dispose(),
  }
}

/** As `torch.amp.GradScaler` has it, but for the beginning: the loss is scaled in half precision, which 2¹⁶ is too large for. */
const GRAD_SCALER = { initial: 2 ** 15, growthFactor: 2, backoffFactor: 0.5, growthInterval: 2000 }

/** What a program takes of a batch, and the ids whose rows of tables are fed to it. */
const taken = (batch: PlainTensors, { inputs }: Program, ids: readonly string[] = []): PlainTensors =>
  Object.fromEntries(Object.entries(batch).filter(([name]) => name in inputs || ids.includes(name)))

/** The program of a loss wants labels, though nobody asks for the loss. */
function withLabels(
  batch: Batch,
  labels: readonly string[],
  { inputs }: Program,
  config: PretrainedConfig,
): Batch {
  if (labels.includes(TARGET)) {
    const { labels: _, ...images } = batch
    const queries = Number(inputs[TARGET]!.shape[1])
    return { ...images, ...noObjects(config, images.pixel_values!.shape[0]!, queries) }
  }
  const sizes: Record<string, number> = {}
  for (const [name, { shape }] of Object.entries(batch))
    for (const [axis, dim] of (inputs[name]?.shape ?? []).entries())
      if (typeof dim === 'string') sizes[dim] = shape[axis]!
  const made = labels.flatMap((name) => (inputs[name] ? [[name, zeros(inputs[name], sizes)]] : []))
  return { ...Object.fromEntries(made), ...batch }
}

function zeros({ dtype, shape }: InputType, sizes: Record<string, number>): PlainTensor {
  const dims = shape.map((dim) => sizeOf(dim, sizes))
  const length = dims.reduce((product, dim) => product * dim, 1)
  return dtype === 'float32'
    ? { dtype, shape: dims, data: new Float32Array(length) }
    : { dtype: 'int32', shape: dims, data: new Int32Array(length) }
}
