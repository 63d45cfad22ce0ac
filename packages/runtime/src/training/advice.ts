/** @file What a user can do where a training does not fit. */

export const TRAINING_MEMORY =
  'Train smaller batches (with gradientAccumulationSteps for the same result), cut the inputs shorter, ' +
  'turn gradientCheckpointing on, or train adapters (LoRA) instead of all weights.'
