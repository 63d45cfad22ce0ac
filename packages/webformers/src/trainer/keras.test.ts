import { expect, test } from 'vitest'
import { tensor } from '../tensor'
import type { TrainingOptions } from './arguments'
import { type CompileOptions, expectCompilable } from './compile'
import { fit } from './keras'
import { examples, Regression } from './testing/regression'
import { collate, regressionTrainer, weightsOf } from './testing/regression-trainer'

test('fit is a Trainer with a constant learning rate, and gives a history', async () => {
  const model = new Regression()
  const compiled: CompileOptions = {
    optimizer: { kind: 'sgd', learningRate: 0.1 },
    metrics: [({ predictions }) => ({ rows: 'data' in predictions ? predictions.data.length : 0 })],
  }
  const { epoch, history } = await fit(model, compiled, examples(22, 0), {
    epochs: 3,
    batchSize: 4,
    validationData: examples(8, 1000),
    dataCollator: collate,
  })

  const args: TrainingOptions = {
    optim: 'sgd',
    learningRate: 0.1,
    lrSchedulerType: 'constant',
    maxGradNorm: 0,
  }
  const same = regressionTrainer({
    ...args,
    loggingStrategy: 'epoch',
    evalStrategy: 'epoch',
    saveStrategy: 'no',
  })
  await same.trainer.train()
  const logged = (name: string) => same.trainer.state.log_history.flatMap((entry) => entry[name] ?? [])
  expect(weightsOf(model)).toEqual(weightsOf(same.model))
  expect(epoch).toEqual([0, 1, 2])
  expect(Object.keys(history)).toEqual(['loss', 'val_rows', 'val_loss'])
  expect(history.loss).toEqual(logged('loss'))
  expect(history.val_rows).toEqual([8, 8, 8])
  for (const [i, loss] of logged('eval_loss').entries()) expect(history.val_loss![i]).toBeCloseTo(loss, 6)
})

test('accuracy counts labels that count', async () => {
  class Classifier extends Regression {
    override async evaluator() {
      const logits = tensor([
        [0.1, 0.9, 0],
        [2, 1, 0],
        [0, 1, 2],
      ])
      return { evaluate: async () => ({ logits, loss: tensor([0.5], []) }) }
    }
    override async training(...from: Parameters<Regression['training']>) {
      const run = await super.training(...from)
      run.evaluate = async () => (await this.evaluator()).evaluate()
      return run
    }
  }
  const model = new Classifier()
  const compiled: CompileOptions = { optimizer: 'adam', metrics: ['accuracy'] }
  const labelled = examples(3, 1000).map((item, i) => ({ ...item, labels: [1, 1, -100][i]! }))
  const { history } = await fit(model, compiled, examples(3, 0), {
    validationData: labelled,
    dataCollator: collate,
  })
  expect(history.val_accuracy).toEqual([0.5])
})

test('what makes no sense is refused', () => {
  expect(() => expectCompilable({ optimizer: 'lion' as never })).toThrow('adafactor')
  expect(() => expectCompilable({ metrics: ['f1' as never] })).toThrow('accuracy')
})
