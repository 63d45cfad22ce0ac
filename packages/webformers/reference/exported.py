"""Record exported ONNX repositories and what they should compute, as the truth for packages/webformers/src/onnx.

Writes, under packages/webformers/fixtures/exported, a folder for each repository as Optimum and transformers.js lay them
out, and `recorded.json`: inputs by repository, and what PyTorch computes of them; for files in 8 bits what onnxruntime does.

    python3 -m venv .venv
    .venv/bin/pip install torch==2.13.0 transformers==4.57.6 onnx==1.23.2 onnxruntime==1.32.0 optimum==2.1.0 optimum-onnx==0.1.0
    .venv/bin/python packages/webformers/reference/exported.py
"""

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.float16 import convert_float_to_float16
from optimum.exporters.onnx import main_export
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertForTokenClassification,
    BertModel,
    LlamaConfig,
    LlamaForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
    pipeline,
)

OUT = Path(__file__).parent.parent / "fixtures" / "exported"
OPSET = 18
RECORDED = {}

IDS = [[2, 17, 101, 250, 33, 3], [2, 88, 9, 3, 0, 0]]
MASK = [[1] * 6, [1, 1, 1, 1, 0, 0]]
TYPES = [[0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 0, 0]]
TEXTS = ["This film was wonderful, I loved every minute of it!", "The service was terrible."]
ENCODER = {"input_ids": IDS, "attention_mask": MASK, "token_type_ids": TYPES}
EXPORT = {"opset_version": OPSET, "dynamo": False, "do_constant_folding": True}


def tensors(inputs):
    return {name: torch.tensor(values) for name, values in inputs.items()}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return float(f"{value:.7g}") if isinstance(value, float) else value


def spread(model, seed):
    """Weights so wide that answers follow the words, and that leaving out an input moves them."""
    torch.manual_seed(seed)
    for name, parameter in model.named_parameters():
        if "norm" not in name.lower():
            parameter.data.normal_(0, 0.7 if "word_embeddings" in name or "shared" in name or "embed" in name else 0.4)
    return model.eval()


def bert(head, seed, **rest):
    config = BertConfig(
        vocab_size=420, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24,
        max_position_embeddings=64, pad_token_id=0, attn_implementation="eager", **rest,
    )
    return spread(head(config), seed)


def labels(*names):
    return {"id2label": dict(enumerate(names)), "label2id": {name: i for i, name in enumerate(names)}}


def export(model, task, name, folder="onnx"):
    """Optimum's own export, without the original weights."""
    with tempfile.TemporaryDirectory() as given, tempfile.TemporaryDirectory() as made:
        model.save_pretrained(given)
        main_export(given, made, task=task, opset=OPSET)
        (OUT / name / folder).mkdir(parents=True, exist_ok=True)
        for file in Path(made).glob("*.onnx"):
            slim(file)
            shutil.copy(file, OUT / name / folder / file.name)
    write_config(model, name)


def by_hand(wrapped, inputs, outputs, model, name, folder="onnx"):
    """An export with outputs that Optimum's tasks do not name."""
    (OUT / name / folder).mkdir(parents=True, exist_ok=True)
    axes = {key: {0: "batch_size", 1: "sequence_length"} for key in inputs}
    axes |= {key: {0: "batch_size"} if key == "sentence_embedding" else {0: "batch_size", 1: "sequence_length"}
             for key in outputs if not key.startswith("attentions")}
    axes |= {key: {0: "batch_size", 2: "sequence_length", 3: "sequence_length"}
             for key in outputs if key.startswith("attentions")}
    torch.onnx.export(
        wrapped, tuple(tensors(inputs).values()), str(OUT / name / folder / "model.onnx"),
        input_names=list(inputs), output_names=list(outputs), dynamic_axes=axes, **EXPORT,
    )
    slim(OUT / name / folder / "model.onnx")
    write_config(model, name)


def write_config(model, name, **extra):
    config = {**model.config.to_diff_dict(), "architectures": [type(model).__name__], **extra}
    (OUT / name / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def slim(file):
    """The same graph under short names: what the exporter calls its values is half of so small a file."""
    model = onnx.load(file, load_external_data=False)
    kept = {value.name for value in [*model.graph.input, *model.graph.output, *model.graph.initializer]}
    short = {}

    def rename(graph):
        for node in graph.node:
            node.name = ""
            for names in (node.input, node.output):
                for i, name in enumerate(names):
                    if name and name not in kept:
                        names[i] = short.setdefault(name, f"v{len(short)}")
            for attribute in node.attribute:
                if attribute.type == onnx.AttributeProto.GRAPH:
                    rename(attribute.g)
        if graph is not model.graph:
            for value in graph.output:
                if value.name not in kept:
                    value.name = short[value.name]
        del graph.value_info[:]

    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                kept |= {value.name for value in attribute.g.initializer}
    rename(model.graph)
    onnx.checker.check_model(model, full_check=False)
    onnx.save(model, file)


def half(folder, source="model", stem="model_fp16"):
    """transformers.js's fp16 files: half precision inside and at the seams, ids aside."""
    model = convert_float_to_float16(onnx.load(folder / f"{source}.onnx"), keep_io_types=False)
    onnx.save(model, folder / f"{stem}.onnx")


def run_onnx(file, inputs):
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    feeds = {name: np.array(values, dtype=np.int64) for name, values in inputs.items()}
    return {info.name: value.astype(np.float32) for info, value in zip(session.get_outputs(), session.run(None, feeds))}


def stars():
    """A classifier in three precisions; its tokenizer is that of tiny/bert-stars."""
    model = bert(BertForSequenceClassification, 1, **labels("awful", "poor", "fair", "good", "superb"))
    export(model, "text-classification", "bert-stars")
    folder = OUT / "bert-stars" / "onnx"
    half(folder)
    quantize_dynamic(folder / "model.onnx", folder / "model_quantized.onnx", weight_type=QuantType.QUInt8)
    tokenizer = AutoTokenizer.from_pretrained(OUT.parent / "tiny" / "bert-stars")
    classify = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")
    RECORDED["bert-stars"] = {
        "answers": {text: classify(text, top_k=None) for text in TEXTS},
        "inputs": ENCODER,
        "outputs": model(**tensors(ENCODER)),
        "without types": model(input_ids=torch.tensor(IDS[:1])),
        "quantized": run_onnx(folder / "model_quantized.onnx", ENCODER),
    }


def words():
    """A masked language model whose weights lie in two files beside the graph."""
    model = bert(BertForMaskedLM, 2)
    export(model, "fill-mask", "bert-words")
    folder = OUT / "bert-words" / "onnx"
    whole = onnx.load(folder / "model.onnx")
    files = [b"", b""]
    for i, tensor in enumerate(whole.graph.initializer):
        if len(tensor.raw_data) < 64:
            continue
        place = i % 2
        entries = {"location": "model.onnx_data" + ("_1" if place else ""),
                   "offset": str(len(files[place])), "length": str(len(tensor.raw_data))}
        files[place] += tensor.raw_data
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in entries.items():
            tensor.external_data.add(key=key, value=value)
    (folder / "model.onnx").write_bytes(whole.SerializeToString())
    (folder / "model.onnx_data").write_bytes(files[0])
    (folder / "model.onnx_data_1").write_bytes(files[1])
    write_config(model, "bert-words", **{"transformers.js_config": {"use_external_data_format": {"model.onnx": 2}}})
    RECORDED["bert-words"] = {"inputs": ENCODER, "outputs": {"logits": model(**tensors(ENCODER)).logits[:, :3]}}


class Everything(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        out = self.model(input_ids, attention_mask, token_type_ids, output_hidden_states=True, output_attentions=True)
        return out.logits, *out.hidden_states, *out.attentions


def entities():
    """At the root, as Optimum writes; the graph gives hidden states and attention maps too."""
    model = bert(BertForTokenClassification, 3, **labels("O", "B-PER", "I-PER", "B-LOC", "I-LOC"))
    outputs = ["logits", "hidden_states.0", "hidden_states.1", "attentions.0"]
    by_hand(Everything(model).eval(), ENCODER, outputs, model, "bert-entities", folder=".")
    RECORDED["bert-entities"] = {
        "inputs": ENCODER,
        "outputs": model(**tensors(ENCODER), output_hidden_states=True, output_attentions=True),
    }


def answers():
    model = bert(BertForQuestionAnswering, 4)
    export(model, "question-answering", "bert-answers")
    RECORDED["bert-answers"] = {"inputs": ENCODER, "outputs": model(**tensors(ENCODER))}


class Sentences(torch.nn.Module):
    """What sentence-transformers' exports give: each token's vector, and their mean."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        tokens = self.model(input_ids, attention_mask).last_hidden_state
        weights = attention_mask.unsqueeze(-1).float()
        return tokens, (tokens * weights).sum(1) / weights.sum(1)


def sentences():
    model = bert(BertModel, 5)
    inputs = {"input_ids": IDS, "attention_mask": MASK}
    names = ["token_embeddings", "sentence_embedding"]
    by_hand(Sentences(model).eval(), inputs, names, model, "bert-sentences")
    RECORDED["bert-sentences"] = {"inputs": inputs, "outputs": dict(zip(names, Sentences(model).eval()(**tensors(inputs))))}


def llama():
    """Grouped-query attention, caches of every layer; in half precision too."""
    config = LlamaConfig(
        vocab_size=60, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        intermediate_size=24, max_position_embeddings=64, bos_token_id=1, eos_token_id=2,
    )
    model = spread(LlamaForCausalLM(config), 6)
    export(model, "text-generation-with-past", "llama")
    half(OUT / "llama" / "onnx")
    write_config(model, "llama", **{"transformers.js_config": {"kv_cache_dtype": {"fp16": "float16"}}})
    prompt, masked = [[1, 17, 5, 44], [1, 30, 31, 9]], {"attention_mask": [[1, 1, 1, 1], [0, 0, 1, 1]]}
    first = model(input_ids=torch.tensor(prompt), use_cache=True)
    cache = [[layer.keys.clone(), layer.values.clone()] for layer in first.past_key_values.layers]
    second = model(input_ids=torch.tensor([[7], [8]]), past_key_values=first.past_key_values, use_cache=True)
    generated = model.generate(torch.tensor(prompt[:1]), max_new_tokens=6, do_sample=False, eos_token_id=None,
                               attention_mask=torch.ones(1, 4, dtype=torch.long), pad_token_id=0)
    RECORDED["llama"] = {
        "inputs": {"input_ids": prompt}, "outputs": {"logits": first.logits, "past_key_values": cache},
        "next": {"input_ids": [[7], [8]], "logits": second.logits},
        "masked": {**masked, "logits": model(input_ids=torch.tensor(prompt), **tensors(masked)).logits[1, 2:]},
        "generated": generated,
    }


def t5():
    """An encoder and its decoder, the latter merged and in the two halves it was merged of."""
    config = T5Config(
        vocab_size=60, d_model=16, d_kv=8, num_layers=1, num_decoder_layers=1, num_heads=2, d_ff=24,
        decoder_start_token_id=0, pad_token_id=0, eos_token_id=1,
    )
    model = spread(T5ForConditionalGeneration(config), 7)
    export(model, "text2text-generation-with-past", "t5")
    inputs = {"input_ids": [[17, 5, 44, 9, 1], [30, 31, 1, 0, 0]], "attention_mask": [[1] * 5, [1, 1, 1, 0, 0]]}
    target = [[0, 12, 40], [0, 7, 21]]
    first = model(**tensors(inputs), decoder_input_ids=torch.tensor(target), use_cache=True)
    cache = first.past_key_values.to_legacy_cache()
    cache = [[part.clone() for part in layer] for layer in cache]
    second = model(
        encoder_outputs=(first.encoder_last_hidden_state,), attention_mask=torch.tensor(inputs["attention_mask"]),
        decoder_input_ids=torch.tensor([[3], [4]]), past_key_values=first.past_key_values, use_cache=True,
    )
    generated = model.generate(**tensors(inputs), max_new_tokens=5, do_sample=False, eos_token_id=None)
    RECORDED["t5"] = {
        "inputs": {**inputs, "decoder_input_ids": target},
        "outputs": {"logits": first.logits, "encoder_last_hidden_state": first.encoder_last_hidden_state,
                    "past_key_values": cache},
        "next": {"decoder_input_ids": [[3], [4]], "logits": second.logits},
        "generated": generated,
    }


if __name__ == "__main__":
    shutil.rmtree(OUT, ignore_errors=True)
    with torch.no_grad():
        for record in [stars, words, entities, answers, sentences, llama, t5]:
            record()
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(plain(value))}" for name, value in RECORDED.items())
    (OUT / "recorded.json").write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
