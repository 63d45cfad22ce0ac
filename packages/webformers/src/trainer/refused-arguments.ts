/** @file The arguments of Python's TrainingArguments that make no sense in a tab, each with the reason. */

const ONE_DEVICE = 'there is one device, and nothing to distribute over several'
const NO_TORCH = 'it is an option of PyTorch, and the model runs in onnxruntime'
const NO_TRACKER =
  'nothing is sent to a tracker: write a callback with onLog that sends what you want where you want'
const PUSH =
  'a training pushes nothing by itself: call model.pushToHub(repository, { token }) after train(), or in onSave'
const SCRIPTS =
  'it is a flag for scripts, and the Trainer does not read it: call train(), evaluate() or predict()'
const LOADED = 'the device was chosen when the model was loaded: fromPretrained(repository, { device })'
const NO_PROCESSES = 'batches are made in the page, which has no processes for that'
const NO_CONSOLE = 'nothing is printed: give ProgressCallback or an onLog of your own as a callback'
const NO_BF16 = 'neither WebGPU nor WebAssembly computes in bfloat16; fp16 does on WebGPU'
const ONE_FORM = 'checkpoints are always safetensors, in IndexedDB'
const OTHER_OPTIMIZER =
  'it belongs to optimizers that are not here; give yours as new Trainer({ optimizers })'

const instead = (name: string) => `Python is about to drop it; use ${name}`

/** By their names in Python. */
export const refusedArguments: Readonly<Record<string, string>> = {
  overwrite_output_dir: SCRIPTS,
  do_train: SCRIPTS,
  do_eval: SCRIPTS,
  do_predict: SCRIPTS,
  resume_from_checkpoint: 'it is a flag for scripts: give it to train({ resumeFromCheckpoint: true })',
  per_gpu_train_batch_size: instead('perDeviceTrainBatchSize'),
  per_gpu_eval_batch_size: instead('perDeviceEvalBatchSize'),
  eval_accumulation_steps: 'predictions leave the device after each batch anyway',
  torch_empty_cache_steps: NO_TORCH,
  log_level: NO_CONSOLE,
  log_level_replica: ONE_DEVICE,
  log_on_each_node: ONE_DEVICE,
  logging_dir: NO_TRACKER,
  save_safetensors: ONE_FORM,
  save_on_each_node: ONE_DEVICE,
  no_cuda: LOADED,
  use_cpu: LOADED,
  use_mps_device: LOADED,
  jit_mode_eval: NO_TORCH,
  bf16: NO_BF16,
  fp16_opt_level: 'it belongs to Apex, an extension of PyTorch',
  half_precision_backend: 'there is one: onnxruntime',
  fp16_backend: 'there is one: onnxruntime',
  bf16_full_eval: NO_BF16,
  fp16_full_eval:
    'evaluation takes the precision of the training, or else that the model was loaded in: { dtype }',
  tf32: 'it is a mode of NVIDIA cards that no browser offers',
  local_rank: ONE_DEVICE,
  ddp_backend: ONE_DEVICE,
  ddp_find_unused_parameters: ONE_DEVICE,
  ddp_bucket_cap_mb: ONE_DEVICE,
  ddp_broadcast_buffers: ONE_DEVICE,
  ddp_timeout: ONE_DEVICE,
  _n_gpu: ONE_DEVICE,
  tpu_num_cores: 'no browser computes on a TPU',
  tpu_metrics_debug: 'no browser computes on a TPU',
  debug: 'it watches modules of PyTorch; model.capture() gives any inner value',
  dataloader_num_workers: NO_PROCESSES,
  dataloader_prefetch_factor: NO_PROCESSES,
  dataloader_persistent_workers: NO_PROCESSES,
  dataloader_pin_memory: NO_PROCESSES,
  past_index: 'no model here gives its past to the next batch',
  run_name: NO_TRACKER,
  disable_tqdm: NO_CONSOLE,
  fsdp: ONE_DEVICE,
  fsdp_min_num_params: ONE_DEVICE,
  fsdp_config: ONE_DEVICE,
  fsdp_transformer_layer_cls_to_wrap: ONE_DEVICE,
  accelerator_config: ONE_DEVICE,
  parallelism_config: ONE_DEVICE,
  deepspeed: ONE_DEVICE,
  mp_parameters: ONE_DEVICE,
  ray_scope: 'a page searches no hyperparameters with Ray',
  average_tokens_across_devices: ONE_DEVICE,
  eval_use_gather_object: ONE_DEVICE,
  optim_args:
    'give an optimizer with settings of its own: new Trainer({ optimizers: [{ kind: "sgd", momentum: 0.9 }] })',
  adafactor: instead('optim: "adafactor"'),
  optim_target_modules: OTHER_OPTIMIZER,
  report_to: NO_TRACKER,
  project: NO_TRACKER,
  trackio_space_id: NO_TRACKER,
  skip_memory_metrics: 'a page can not measure the memory of its worker',
  use_legacy_prediction_loop: 'there is one loop, the one that Python uses by default',
  push_to_hub: PUSH,
  hub_model_id: PUSH,
  hub_strategy: PUSH,
  hub_token: PUSH,
  hub_private_repo: PUSH,
  hub_always_push: PUSH,
  hub_revision: PUSH,
  push_to_hub_model_id: PUSH,
  push_to_hub_organization: PUSH,
  push_to_hub_token: PUSH,
  gradient_checkpointing_kwargs: NO_TORCH,
  include_inputs_for_metrics: instead('includeForMetrics: ["inputs"]'),
  full_determinism: 'the same seed gives the same training anyway',
  torchdynamo: NO_TORCH,
  torch_compile: NO_TORCH,
  torch_compile_backend: NO_TORCH,
  torch_compile_mode: NO_TORCH,
  neftune_noise_alpha:
    'no noise is added to embeddings here; weightDecay and dropout work against overfitting',
  use_liger_kernel: 'these are kernels for NVIDIA cards',
  liger_kernel_config: 'these are kernels for NVIDIA cards',
}
