/** @file The training itself: epochs, steps, and what is done between them. */
import { OutOfMemoryError } from '@webformers/runtime'
import type { DataLoader, LoadedBatch } from '../data'
import { DatasetError } from '../errors'
import type { TrainingArguments } from './arguments'
import { checkLabels, lengthOf, loaderOf, type Order, orderOf } from './batches'
import { BestMetric } from './best-metric'
import type { TrainerEvent } from './callbacks'
import { rotate } from './checkpoint-store'
import { type DataPosition, resumptionFiles, stateFiles } from './checkpoints'
import { NonFiniteLossError } from './errors'
import { LearningRates } from './learning-rate'
import type { LoopHost, ResumeFrom, TrainOutput } from './loop-host'
import { lossScales } from './loss-count'
import { chooseOptimizer } from './optimizer'
import { type Plan, planSteps } from './plan'
import { round, speedMetrics } from './rounding'
import { RunningLoss } from './running-loss'
import { computeSteps } from './state'
import { countTokens } from './tokens'
import type { Batch, TrainableModel, TrainingRun } from './trainable'

export class TrainingLoop {
  readonly #host: LoopHost
  readonly #loader: DataLoader
  readonly #order: Order
  readonly #plan: Plan
  readonly #run: TrainingRun
  readonly #rates: LearningRates
  readonly #start = performance.now()
  readonly #best: BestMetric
  #position: DataPosition = { epoch: 0, batches: 0 }
  readonly #loss = new RunningLoss()
  /** Batches whose gradients wait for an update. */
  #pending = 0
  #gradNorm: number | undefined
  #learningRate: number | undefined

  private constructor(
    host: LoopHost,
    parts: { loader: DataLoader; plan: Plan; run: TrainingRun; rates: LearningRates },
  ) {
    this.#host = host
    this.#loader = parts.loader
    this.#plan = parts.plan
    this.#run = parts.run
    this.#rates = parts.rates
    this.#best = new BestMetric(host.args, host.checkpoints)
    this.#order = orderOf(host.dataset, host.batchSize, host.args, host.model.mainInputName)
  }

  /** Train until the end, an error or an abort; the model then has the weights that there are. */
  static async train(host: LoopHost, from: ResumeFrom | undefined): Promise<TrainOutput> {
    const { args, model, dataset, batchSize, signal } = host
    const loader = loaderOf(dataset, host.collate, batchSize, args.dataloaderDropLast)
    const plan = planSteps(args, batchSize, loader.length, lengthOf(dataset))
    const { optimizer, learningRates } = chooseOptimizer(args, model.parameters, host.optimizer)
    const rates = LearningRates.create(args, learningRates, plan.maxSteps, host.schedule)
    const { gradientCheckpointing, fp16 } = args
    const run = await model.training({ ...host.loss, optimizer, gradientCheckpointing, fp16, signal })
    host.run = run
    try {
      const loop = new TrainingLoop(host, { loader, plan, run, rates })
      if (from) await loop.#resume(from)
      await loop.#epochs()
      await loop.#settleWeights()
      return await loop.#finish()
    } catch (error) {
      // What was trained so far is the model's, unless it begins anew in smaller batches.
      const again = error instanceof OutOfMemoryError && args.autoFindBatchSize && batchSize > 1
      if (host.run && !again) await adoptSoFar(run, model)
      throw error
    } finally {
      host.run = undefined
      await run.dispose()
    }
  }

  async #resume({ files, state, resumption }: ResumeFrom): Promise<void> {
    const { moments, steps, lossScale, scheduler, position, loss } = resumption
    const { args, model, callbacks, control } = this.#host
    await this.#run.restore({ weights: await model.weightsIn(files), moments, steps, lossScale })
    this.#rates.restore(scheduler)
    this.#loss.restore(loss)
    this.#position = args.ignoreDataSkip ? { ...position, batches: 0 } : position
    if (args.restoreCallbackStatesFromCheckpoint) callbacks.restore(state.stateful_callbacks, control)
  }

  async #epochs(): Promise<void> {
    const { args, control } = this.#host
    const { state } = this.#host
    const { maxSteps, epochs } = this.#plan
    if (state.epoch === null) computeSteps(state, args, maxSteps)
    Object.assign(state, { epoch: state.epoch ?? 0, max_steps: maxSteps, num_train_epochs: epochs })
    state.train_batch_size = this.#host.batchSize
    await this.#call('onTrainBegin')
    if (args.evalOnStart) await this.#host.evaluate()
    for (let epoch = this.#position.epoch; epoch < epochs; epoch++) {
      await this.#call('onEpochBegin')
      await this.#epoch(epoch)
      this.#position = { ...this.#position, epoch: epoch + 1, batches: 0 }
      await this.#call('onEpochEnd')
      await this.#logEvaluateSave()
      if (control.shouldTrainingStop) break
    }
  }

  async #epoch(epoch: number): Promise<void> {
    const { args, signal } = this.#host
    const { batchesPerEpoch } = this.#plan
    const order = await this.#order(epoch)
    const batches = this.#loader.epoch({ order, from: this.#position, signal })
    const stops = () => this.#host.control.shouldEpochStop || this.#host.control.shouldTrainingStop
    let done = this.#position.batches
    try {
      while (done < batchesPerEpoch && !stops()) {
        const wanted = Math.min(args.gradientAccumulationSteps, batchesPerEpoch - done)
        const group = await this.#take(batches, wanted)
        if (group.length === 0) break
        await this.#step(group, epoch, done)
        done += group.length
      }
    } finally {
      await batches.return()
    }
  }

  /** The batches of one step. */
  async #take(batches: AsyncGenerator<LoadedBatch, void>, count: number): Promise<LoadedBatch[]> {
    const group: LoadedBatch[] = []
    while (group.length < count) {
      const { done, value } = await batches.next().catch((error) => this.#explain(error))
      if (done || !value) break
      checkLabels(value.batch, value.items, this.#host.model)
      group.push(value)
    }
    return group
  }

  #explain(error: unknown): never {
    if (!(error instanceof DatasetError)) throw error
    const { global_step, max_steps } = this.#host.state
    throw new DatasetError(`After ${global_step} of ${max_steps} steps: ${error.message}`, { cause: error })
  }

  /** Some batches and, where they are as many as a step has, a change of the weights. */
  async #step(group: readonly LoadedBatch[], epoch: number, before: number): Promise<void> {
    const { args, model, loss, control } = this.#host
    const { batchesPerEpoch } = this.#plan
    const scales = lossScales(
      model,
      loss,
      group.map(({ batch }) => batch),
    )
    let skips = false
    for (const [i, loaded] of group.entries()) {
      const step = before + i
      await this.#host.unpaused()
      this.#host.signal?.throwIfAborted()
      this.#count(loaded.batch)
      if (step % args.gradientAccumulationSteps === 0) await this.#call('onStepBegin')
      const finite = await this.#forwardBackward(loaded, step, scales[i]!)
      skips ||= !finite
      this.#position = { epoch, ...loaded.position }
      const complete = (step + 1) % args.gradientAccumulationSteps === 0 || step + 1 === batchesPerEpoch
      if (complete) await this.#update(epoch + (step + 1) / batchesPerEpoch, skips)
      else await this.#call('onSubstepEnd')
      if (control.shouldEpochStop || control.shouldTrainingStop) return
    }
  }

  /** @returns whether the loss was a number. */
  async #forwardBackward({ batch, items }: LoadedBatch, step: number, scale: number): Promise<boolean> {
    const { args, state, signal } = this.#host
    // Each batch draws its dropout from a seed of its own, the same one after a resume.
    const seed =
      args.seed + state.global_step * args.gradientAccumulationSteps + (step % args.gradientAccumulationSteps)
    // A batch without a label that counts adds nothing, where its mean would be no number.
    if (scale === 0) return true
    const loss = (await this.#run.step(batch, { seed, scale, signal })).loss * scale
    this.#pending++
    if (Number.isFinite(loss)) {
      this.#loss.add(loss)
      return true
    }
    if (args.onNonFiniteLoss === 'stop')
      throw new NonFiniteLossError(loss, state.global_step + 1, step, items)
    if (args.loggingNanInfFilter) this.#loss.addMean(state.global_step)
    else this.#loss.add(loss)
    return false
  }

  async #update(epoch: number, skips: boolean): Promise<void> {
    const { args, state } = this.#host
    const learningRates = this.#rates.rates
    const maxGradNorm = args.maxGradNorm > 0 ? args.maxGradNorm : undefined
    await this.#call('onPreOptimizerStep')
    if (skips) {
      await this.#run.zeroGrad()
    } else if (this.#pending === 0) {
      this.#rates.step()
    } else {
      const { gradNorm, skipped } = await this.#run.update({ learningRates, maxGradNorm })
      this.#gradNorm = gradNorm ?? this.#gradNorm
      if (!skipped) this.#rates.step()
    }
    this.#pending = 0
    await this.#call('onOptimizerStep')
    this.#learningRate = learningRates[0]
    state.global_step++
    state.epoch = epoch
    await this.#call('onStepEnd')
    await this.#logEvaluateSave()
  }

  async #logEvaluateSave(): Promise<void> {
    const { control, args, state } = this.#host
    if (control.shouldLog && this.#loss.hasNews(state.global_step)) await this.#log()
    if (control.shouldEvaluate) {
      const metrics = await this.#host.evaluate()
      if (this.#rates.followsMetric) this.#rates.metric(this.#best.valueIn(metrics))
      const isBest = this.#best.update(state, metrics)
      if (args.saveStrategy === 'best') control.shouldSave = isBest
    }
    if (control.shouldSave) await this.#save()
  }

  async #log(): Promise<void> {
    const { state, args } = this.#host
    const tokens = state.num_input_tokens_seen
    await this.#host.log({
      loss: round(this.#loss.take(state.global_step), 4),
      ...(this.#gradNorm !== undefined && { grad_norm: this.#gradNorm }),
      learning_rate: this.#learningRate ?? this.#rates.rates[0]!,
      ...(countsTokens(args) && speedMetrics('train', this.#start, { tokens })),
    })
  }

  /** A checkpoint: the model's files and, unless only these are wanted, all that a resume needs. */
  async #save(): Promise<void> {
    const { args, state, model, checkpoints, callbacks, control, signal } = this.#host
    const { weights, moments, steps, lossScale } = await this.#run.state()
    await model.adopt(weights)
    const step = state.global_step
    this.#best.saved(state, step)
    state.stateful_callbacks = callbacks.states(control)
    const scheduler = this.#rates.state()
    const loss = this.#loss.state()
    const resumption = { moments, steps, lossScale, scheduler, position: this.#position, loss }
    const files = {
      ...(await this.#host.modelFiles()),
      ...stateFiles(state, args),
      ...(args.saveOnlyModel ? {} : resumptionFiles(resumption)),
    }
    await checkpoints.save(step, files, signal)
    await rotate(checkpoints, args.saveTotalLimit, state.best_model_checkpoint)
    await this.#call('onSave')
  }

  /** The model gets the best weights, or the last ones. */
  async #settleWeights(): Promise<void> {
    const { args, state, model, checkpoints } = this.#host
    const best = args.loadBestModelAtEnd ? state.best_model_checkpoint : null
    const weights = best ? await model.weightsIn(await checkpoints.open(best)) : await this.#run.weights()
    await model.adopt(weights)
    this.#host.run = undefined
  }

  async #finish(): Promise<TrainOutput> {
    const { args, state, checkpoints } = this.#host
    const trainingLoss = this.#loss.total(state.global_step)
    const measured = {
      samples: this.#plan.samples,
      steps: state.max_steps,
      ...(args.includeTokensPerSecond && { tokens: this.#tokens }),
    }
    const metrics = { ...speedMetrics('train', this.#start, measured), train_loss: trainingLoss }
    await this.#host.log(metrics)
    const { best_model_checkpoint: best } = state
    if (best !== null && args.saveTotalLimit === 1)
      for (const step of await checkpoints.steps())
        if (checkpoints.name(step) !== best) await checkpoints.remove(step)
    await this.#call('onTrainEnd')
    return { globalStep: state.global_step, trainingLoss, metrics: { ...metrics, epoch: state.epoch ?? 0 } }
  }

  /** Of this training, whether or not the state counts them. */
  #tokens = 0

  #count(batch: Batch): void {
    const { args, model, state, paddingToken } = this.#host
    const tokens = (all: boolean) =>
      countTokens(batch, model.mainInputName, all ? undefined : { paddingToken })
    if (args.includeTokensPerSecond) this.#tokens += tokens(true)
    if (countsTokens(args))
      state.num_input_tokens_seen += tokens(args.includeNumInputTokensSeen !== 'non_padding')
  }

  async #call(event: TrainerEvent): Promise<void> {
    const { callbacks, args, state, control } = this.#host
    await callbacks.call(event, args, state, control)
  }
}

export const countsTokens = ({ includeNumInputTokensSeen: counted }: TrainingArguments) =>
  counted !== false && counted !== 'no'

/** Where the worker is gone, so are the weights: then the model keeps those it had. */
async function adoptSoFar(run: TrainingRun, model: TrainableModel): Promise<void> {
  const weights = await run.weights().catch(() => undefined)
  if (weights) await model.adopt(weights)
}
