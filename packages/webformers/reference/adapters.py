"""Record what Python's peft does with the small models of packages/models, for the tests in src/adapters.

    python -m venv venv && venv/bin/pip install torch==2.13.0 transformers==4.57.6 peft==0.21.2
    HF_HUB_OFFLINE=1 venv/bin/python packages/webformers/reference/adapters.py
    HF_HUB_OFFLINE=1 venv/bin/python packages/webformers/reference/adapters.py check FOLDER

Each case becomes a folder in packages/webformers/fixtures/adapters:

- `adapter_config.json` and `adapter_model.safetensors`, as peft's `save_pretrained` writes them, the weights drawn at random;
- `expected.safetensors`: `labels`, `loss`, `logits` of the model with its adapter, and `gradient:<key>` of the loss for each
  tensor that is trained, under its key in the file.

`adapters.json` beside them holds the logits of two active adapters, the losses of a training, and what peft writes of adapters
that are new. `check` loads a folder that the library wrote with peft and tells whether nothing was missing or too much.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from peft import LoraConfig, PeftModel, PromptTuningConfig, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file
from transformers.utils import logging

logging.set_verbosity_error()
torch.set_num_threads(1)
PACKAGES = Path(__file__).parent.parent.parent
TARGET = PACKAGES / "webformers/fixtures/adapters"
STEPS = 20
LEARNING_RATE = 0.02

LORA = {
    "bert": {"model": "bert/sequence-classification", "r": 4, "lora_alpha": 6, "lora_dropout": 0.1, "task_type": "SEQ_CLS"},
    "bert-wide": {"model": "bert/sequence-classification", "r": 2, "lora_alpha": 5, "target_modules": "all-linear", "task_type": "SEQ_CLS",
                  "use_rslora": True, "bias": "lora_only"},
    "bert-other": {"model": "bert/sequence-classification", "r": 3, "lora_alpha": 3, "target_modules": ["query", "value"]},
    "gpt2": {"model": "gpt2/causal-lm", "r": 4, "lora_alpha": 8, "target_modules": ["c_attn", "mlp.c_proj"], "fan_in_fan_out": True,
             "task_type": "CAUSAL_LM"},
    "t5": {"model": "t5/conditional-generation", "r": 4, "lora_alpha": 8, "task_type": "SEQ_2_SEQ_LM"},
    "llama": {"model": "llama/causal-lm", "r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj", "down_proj"], "layers_to_transform": [1],
              "rank_pattern": {"v_proj": 2}, "alpha_pattern": {"mlp.down_proj": 16}, "task_type": "CAUSAL_LM"},
    "distilbert": {"model": "distilbert/sequence-classification", "r": 4, "lora_alpha": 8, "target_modules": ["q_lin", "v_lin"], "bias": "all",
                   "modules_to_save": ["pre_classifier", "classifier"]},
    "vit": {"model": "vit/image-classification", "r": 4, "lora_alpha": 8, "target_modules": r".*layer\.\d+\.(attention\.attention\.query|intermediate\.dense)",
            "modules_to_save": ["classifier"]},
}  # fmt: skip
PROMPTS = {
    "prompt-gpt2": {"model": "gpt2/causal-lm", "num_virtual_tokens": 3, "task_type": "CAUSAL_LM"},
    "prompt-llama": {"model": "llama/causal-lm", "num_virtual_tokens": 4, "task_type": "CAUSAL_LM"},
    "prompt-gemma3": {"model": "gemma3_text/causal-lm", "num_virtual_tokens": 2, "task_type": "CAUSAL_LM"},
    "prompt-bert": {"model": "bert/sequence-classification", "num_virtual_tokens": 5, "task_type": "SEQ_CLS"},
    "prompt-tokens": {"model": "bert/token-classification", "num_virtual_tokens": 3, "task_type": "TOKEN_CLS"},
    "prompt-t5": {"model": "t5/conditional-generation", "num_virtual_tokens": 3, "task_type": "SEQ_2_SEQ_LM"},
}  # fmt: skip


def folder_of(model):
    kind, name = model.split("/")
    return PACKAGES / f"models/src/{kind}/fixture/{name}"


def base_of(model):
    folder = folder_of(model)
    architecture = json.loads((folder / "config.json").read_text())["architectures"][0]
    base = getattr(transformers, architecture).from_pretrained(folder, attn_implementation="eager")
    base.name_or_path = base.config._name_or_path = ""
    return base


def inputs_of(model):
    """The inputs that were recorded, and the labels of the recorded gradients."""
    folder = folder_of(model)
    recorded = {**load_file(folder / "inputs.safetensors"), "labels": load_file(folder / "gradients.safetensors")["labels"]}
    return {name: x.long() if x.dtype == torch.int32 else x for name, x in recorded.items()}


def randomize(model, seed):
    """Weights of an adapter are new, which makes them zero or small: others show more."""
    random = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            with torch.no_grad():
                noise = torch.randn(parameter.shape, generator=random)
                parameter.copy_(noise * 0.5 if "lora_" in name or "prompt" in name else parameter + 0.1 * noise)


def adapted(case, seed):
    config = {key: value for key, value in case.items() if key != "model"}
    kind = PromptTuningConfig if "num_virtual_tokens" in config else LoraConfig
    torch.manual_seed(seed)
    model = get_peft_model(base_of(case["model"]), kind(**config))
    randomize(model, seed)
    return model.eval()


def key_of(name):
    """The name of a parameter as the key that it has in the file."""
    if name.startswith("prompt_encoder"):
        return "prompt_embeddings"
    for part in (".modules_to_save.default", ".default", ".base_layer"):
        name = name.replace(part, "")
    return name


def record(name, case, seed):
    model = adapted(case, seed)
    folder = TARGET / name
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    settle(folder / "adapter_config.json")
    inputs = inputs_of(case["model"])
    labels = inputs.pop("labels")
    if case.get("task_type") == "TOKEN_CLS":  # peft gives the virtual tokens no labels
        inputs["labels"] = torch.cat([torch.full([len(labels), case["num_virtual_tokens"]], -100), labels], dim=1)
    else:
        inputs["labels"] = labels
    outputs = model(**inputs)
    outputs.loss.backward()
    gradients = {key_of(each): parameter.grad for each, parameter in model.named_parameters() if parameter.requires_grad}
    kept = {"labels": labels.int(), "loss": outputs.loss.detach(), "logits": outputs.logits.detach()}
    kept.update({f"gradient:{key}": gradient for key, gradient in gradients.items() if gradient is not None})
    save_file({key: tensor.contiguous() for key, tensor in kept.items()}, folder / "expected.safetensors")


def settle(file):
    """Sets have an order of their own in each run."""
    config = json.loads(file.read_text())
    for key, value in config.items():
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            config[key] = sorted(value)
    file.write_text(json.dumps(config, indent=2, sort_keys=True))


def several():
    """The logits of two adapters at once."""
    model = PeftModel.from_pretrained(base_of(LORA["bert-other"]["model"]), TARGET / "bert-other")
    torch.manual_seed(5)
    second = {"r": 2, "lora_alpha": 7, "target_modules": ["query", "key"]}
    model.add_adapter("second", LoraConfig(**second))
    model.base_model.set_adapter(["default", "second"])
    for each, parameter in model.named_parameters():
        if "second" in each:
            parameter.requires_grad = True
        elif "lora_" in each:
            parameter.requires_grad = False
    randomize(model, 6)
    model.eval()
    model.save_pretrained(TARGET / "bert-second", selected_adapters=["second"])
    written = TARGET / "bert-second/second"
    for file in written.iterdir():
        file.rename(TARGET / "bert-second" / file.name)
    written.rmdir()
    (TARGET / "bert-second/README.md").unlink(missing_ok=True)
    settle(TARGET / "bert-second/adapter_config.json")
    inputs = {key: value for key, value in inputs_of(LORA["bert-other"]["model"]).items() if key != "labels"}
    return model(**inputs).logits.tolist()


def training(name, seed):
    """The losses of a training that begins at the adapter as it was recorded, and the weights after it."""
    case = {**LORA, **PROMPTS}[name]
    model = adapted(case, seed)  # which does not drop
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=LEARNING_RATE, weight_decay=0.01)
    inputs = inputs_of(case["model"])
    losses = []
    for _ in range(STEPS):
        loss = model(**inputs).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    weights = {key: value.flatten().tolist() for key, value in get_peft_model_state_dict(model).items()}
    return {"losses": losses, "weights": weights}


def written(config, base):
    """What peft writes of a new adapter: the keys of the file with their shapes, its configuration, and how many numbers it trains."""
    kind = PromptTuningConfig if "num_virtual_tokens" in config else LoraConfig
    model = get_peft_model(base_of(base), kind(**config))
    folder = TARGET / "new"
    model.save_pretrained(folder)
    settle(folder / "adapter_config.json")
    tensors = {key: list(tensor.shape) for key, tensor in load_file(folder / "adapter_model.safetensors").items()}
    saved = json.loads((folder / "adapter_config.json").read_text())
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    trainable, _ = model.get_nb_trainable_parameters()
    return {"base": base, "config": config, "tensors": tensors, "saved": saved, "trainable": trainable}


NEW = [
    ("bert/sequence-classification", {"task_type": "SEQ_CLS", "target_modules": "all-linear"}),
    ("bert/masked-lm", {"target_modules": "all-linear"}),
    ("gpt2/causal-lm", {"task_type": "CAUSAL_LM", "fan_in_fan_out": True}),
    ("gpt2/causal-lm", {"target_modules": "all-linear", "fan_in_fan_out": True, "exclude_modules": ["c_attn"]}),
    ("t5/conditional-generation", {"task_type": "SEQ_2_SEQ_LM"}),
    ("t5/conditional-generation", {"task_type": "SEQ_2_SEQ_LM", "num_virtual_tokens": 4}),
    ("llama/causal-lm", {"target_modules": "all-linear"}),
    ("llama/causal-lm", {"task_type": "CAUSAL_LM", "num_virtual_tokens": 4}),
    ("mistral/causal-lm", {"task_type": "CAUSAL_LM"}),
    ("qwen2/causal-lm", {"task_type": "CAUSAL_LM"}),
    ("qwen3/causal-lm", {"task_type": "CAUSAL_LM"}),
    ("gemma2/causal-lm", {"task_type": "CAUSAL_LM"}),
    ("gemma3_text/causal-lm", {"task_type": "CAUSAL_LM"}),
    ("phi3/causal-lm", {"task_type": "CAUSAL_LM", "target_modules": ["qkv_proj"]}),
    ("roberta/token-classification", {"task_type": "TOKEN_CLS"}),
    ("electra/question-answering", {"task_type": "QUESTION_ANS"}),
    ("xlm-roberta/masked-lm", {"bias": "all"}),
]  # fmt: skip


def check(folder):
    """Load what the library wrote, and say what it holds."""
    config = json.loads((folder / "adapter_config.json").read_text())
    base = base_of((folder / "base").read_text().strip())
    model = PeftModel.from_pretrained(base, folder)
    stored = load_file(folder / "adapter_model.safetensors")
    loaded = get_peft_model_state_dict(model)
    assert set(stored) == set(loaded), (set(stored) ^ set(loaded), config["peft_type"])
    assert all(torch.equal(stored[key], loaded[key]) for key in stored)
    print(folder.name, config["peft_type"], len(stored), "tensors")


def main():
    cases = {**LORA, **PROMPTS}
    for i, (name, case) in enumerate(cases.items()):
        record(name, case, seed=i)
    recorded = {
        "several": several(),
        "training": {name: training(name, seed=[*cases].index(name)) for name in ["bert", "prompt-gpt2"]},
        "new": [written(config, base) for base, config in NEW],
    }
    (TARGET / "adapters.json").write_text(json.dumps(recorded))


if __name__ == "__main__":
    if sys.argv[1:2] == ["check"]:
        for written_folder in sorted(Path(sys.argv[2]).iterdir()):
            check(written_folder)
    else:
        main()
