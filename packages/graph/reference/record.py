"""Record what torch answers, and its gradients, for every operation of the graph package: python record.py > ../src/fixture/operations.json

A case is an expression over the shared inputs below; its name is the name the test gives the same expression in TypeScript.
"""

import math
from types import SimpleNamespace

import torch
import torch.nn.functional as F
from transformers import MistralConfig
from transformers.activations import ACT2FN
from transformers.masking_utils import create_causal_mask, create_sliding_window_causal_mask
from transformers.trainer_pt_utils import LabelSmoother
from transformers.models.gemma2.modeling_gemma2 import eager_attention_forward
from transformers.models.phi3.modeling_phi3 import apply_rotary_pos_emb

from recording import dump

torch.manual_seed(0)
BATCH, SEQUENCE, KEYS, WIDTH, HEADS, OUT, ROWS = 2, 5, 3, 8, 2, 6, 7
SIZE = WIDTH // HEADS


def normal(*shape: int) -> torch.Tensor:
    return torch.randn(*shape)


# name: (dimensions as the graph names them, values)
inputs = {
    "x": (["batch", "sequence", WIDTH], normal(BATCH, SEQUENCE, WIDTH)),
    "y": (["batch", "sequence", WIDTH], normal(BATCH, SEQUENCE, WIDTH)),
    "positive": (["batch", "sequence", WIDTH], normal(BATCH, SEQUENCE, WIDTH).abs() + 0.1),
    "row": ([WIDTH], normal(WIDTH)),
    "column": (["sequence", 1], normal(SEQUENCE, 1)),
    "ids": (["batch", "sequence"], torch.randint(0, ROWS, (BATCH, SEQUENCE), dtype=torch.int32)),
    "positions": (["batch", "sequence"], torch.randint(0, 9, (BATCH, SEQUENCE), dtype=torch.int64)),
    "keep": (["batch", "sequence"], torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], dtype=torch.int32)),
    "table": ([ROWS, WIDTH], normal(ROWS, WIDTH)),
    "weight": ([OUT, WIDTH], normal(OUT, WIDTH)),
    "bias": ([OUT], normal(OUT)),
    "gain": ([WIDTH], normal(WIDTH)),
    "shift": ([WIDTH], normal(WIDTH)),
    "keys": (["batch", "keys", WIDTH], normal(BATCH, KEYS, WIDTH)),
    "values": (["batch", "keys", WIDTH], normal(BATCH, KEYS, WIDTH)),
    "relative": ([1, HEADS, "sequence", "sequence"], normal(1, HEADS, SEQUENCE, SEQUENCE)),
    "cos": ([9, SIZE // 2], normal(9, SIZE // 2).cos()),
    "sin": ([9, SIZE // 2], normal(9, SIZE // 2).sin()),
    "few": (["batch", "sequence", WIDTH // 2], normal(BATCH, SEQUENCE, WIDTH // 2)),
    "half": ([SIZE], normal(SIZE)),
    "turned": ([WIDTH, OUT], normal(WIDTH, OUT)),
    "importance": ([HEADS], torch.tensor([0.6, -1.3])),
    "labels": (["batch", "sequence"], torch.tensor([[1, 7, -100, 0, 3], [-100, 2, 2, 6, -100]], dtype=torch.int32)),
    "factors": (
        ["batch", HEADS, "sequence", "sequence"],
        torch.bernoulli(torch.full((BATCH, HEADS, SEQUENCE, SEQUENCE), 0.75)) / 0.75,
    ),
    "even": (["batch", "sequence", WIDTH], torch.rand(BATCH, SEQUENCE, WIDTH)),
    "items": ([], torch.tensor(9.0)),
}
for name, (_, values) in inputs.items():
    values.requires_grad_(values.is_floating_point() and name not in ("cos", "sin", "items", "factors"))  # numbers nobody trains
v = {name: values for name, (_, values) in inputs.items()}
x, y, positive, row, column, ids, keep = (v[k] for k in ("x", "y", "positive", "row", "column", "ids", "keep"))


def attend(q, k, value, bias=0.0, scale=1 / math.sqrt(SIZE), head_mask=None, factors=1.0):
    def split(t):
        return t.view(t.shape[0], t.shape[1], HEADS, SIZE).transpose(1, 2)

    weights = (split(q) @ split(k).transpose(-1, -2) * scale + bias).softmax(-1) * factors
    if head_mask is not None:
        weights = weights * head_mask.view(1, -1, 1, 1)
    return (weights @ split(value)).transpose(1, 2).reshape(q.shape), weights


def attend_shared(q, k, value, heads, shared, **options):
    """Attention as Gemma 2 computes it, whose eager function is Llama's and bends scores besides."""
    def split(t, count):
        return t.view(BATCH, SEQUENCE, count, -1).transpose(1, 2)

    module = SimpleNamespace(num_key_value_groups=heads // shared, head_dim=q.shape[-1] // heads, training=False)
    context, weights = eager_attention_forward(module, split(q, heads), split(k, shared), split(value, shared), **options)
    return context.reshape(BATCH, SEQUENCE, -1), weights


def rotate(t, cos, sin, heads=HEADS):
    """As Phi-3, which turns the first channels of a head, as many as the tables are for; the others turn all."""
    split = t.view(BATCH, SEQUENCE, heads, -1).transpose(1, 2)
    cos, sin = torch.cat([cos] * 2, -1), torch.cat([sin] * 2, -1)
    return apply_rotary_pos_emb(split, split, cos, sin)[0].transpose(1, 2).reshape(t.shape)


def tables(*frequencies):
    angles = torch.arange(SEQUENCE)[None, :, None].float() * torch.tensor(frequencies)
    return 1.25 * angles.cos(), 1.25 * angles.sin()


def rms_norm(t, weight):
    return F.rms_norm(t, weight.shape, weight, 0.05)


def cross_entropy(logits, **options):
    return F.cross_entropy(logits.flatten(0, -2), v["labels"].flatten().long(), **options)


def causal(create):
    config = MistralConfig(sliding_window=2, attn_implementation="eager")
    return create(config, x, keep, torch.arange(SEQUENCE), None)


mask = (keep.float() - 1) * -torch.finfo(torch.float32).min
masked = attend(x, y, positive, mask[:, None, None, :])
few = v["few"]
shared = attend_shared(x, few, 2 * few, 4, 2, attention_mask=mask[:, None, None, :])
scored = attend(x, y, positive, mask[:, None, None, :], head_mask=v["importance"])
dropped = attend(x, y, positive, head_mask=v["importance"], factors=v["factors"])
both = attend(x, y, positive, v["relative"])
single = attend_shared(x, few, y, 2, 1, softcap=1.5, attention_mask=causal(create_causal_mask))
cases = {
    "add": x + y,
    "add, broadcast": x + row + column,
    "add a number": x + 2.5,
    "sub": x - y,
    "mul": x * column,
    "div": x / positive,
    "integers": (ids + 3) * 2 - ids,
    "equal": ids == 3,
    "less": x < y,
    "greater": ids > 2,
    "not": ~(x < y),
    "where": torch.where(x < y, x, torch.tensor(0.5)),
    "neg": -x,
    "exp": x.exp(),
    "log": positive.log(),
    "sqrt": positive.sqrt(),
    "tanh": x.tanh(),
    "erf": x.erf(),
    "sigmoid": x.sigmoid(),
    "relu": x.relu(),
    "softmax": x.softmax(-1),
    "softmax, another axis": x.softmax(1),
    "cast to int32": (x * 10).int(),
    "cast to float32": (ids == 3).float(),
    "cast to int64": ids.long(),
    "cast to int8": (ids * -2).to(torch.int8),
    "cast to uint8": ids.to(torch.uint8),
    "cast to bool": keep.bool(),
    "cast to float16": x.half(),
    "matmul": x @ y.transpose(1, 2),
    "matmul, broadcast": x @ v["table"].T,
    "transpose": x.permute(2, 0, 1),
    "reshape": x.reshape(BATCH * SEQUENCE, HEADS, SIZE),
    "reshape to two names": x.reshape(-1, WIDTH).reshape(BATCH, SEQUENCE, HEADS, SIZE),
    "expand": column.expand(BATCH, SEQUENCE, WIDTH),
    "unsqueeze": x[:, None, :, None],
    "squeeze": column.squeeze(1),
    "sum": x.sum((0, 2)),
    "mean": x.mean(-1, keepdim=True),
    "max": x.amax(-1),
    "cumsum": keep.cumsum(1, dtype=torch.int32),
    "gather": v["table"][ids],
    "gather, another axis": x[:, :, torch.tensor([3, 0])],
    "at": x[:, 2],
    "slice": x[:, :, 2:5],
    "slices": torch.cat([x[:, :, 4:8] * x[:, :, 0:4], x[:, :, 1:5]], 2),
    "concat": torch.cat([x, y, positive], 2),
    "arange": torch.arange(SEQUENCE, dtype=torch.int32),
    "linear": F.linear(x, v["weight"], v["bias"]),
    "linear, no bias": F.linear(x, v["weight"]),
    "linear, transposed": x @ v["turned"] + v["bias"],
    "linear, transposed, matrix": v["table"] @ v["turned"] + v["bias"],
    "linear, matrix": F.linear(v["table"], v["weight"], v["bias"]),
    "embedding": F.embedding(ids, v["table"]),
    "layer norm": F.layer_norm(x, (WIDTH,), v["gain"], v["shift"], 1e-5),
    "layer norm, matrix": F.layer_norm(v["table"], (WIDTH,), v["gain"], v["shift"], 1e-5),
    "layer norm, residual": F.layer_norm(x + y, (WIDTH,), v["gain"], v["shift"], 1e-5),
    "layer norm, sum": x + y,
    "layer norm, residual that leads to it": F.layer_norm(x * y + x, (WIDTH,), v["gain"], v["shift"], 1e-5),
    "gather elements": x.gather(-1, v["labels"].clamp(min=0).long()[..., None]),
    "cross-entropy": cross_entropy(x),
    "cross-entropy, matrix": F.cross_entropy(v["table"], torch.tensor([3, 0, 1, 7, 7, 2, 5])),
    "cross-entropy, sum": cross_entropy(x, reduction="sum", ignore_index=-100),
    "cross-entropy, count": cross_entropy(x, reduction="sum") / v["items"],
    "cross-entropy, large logits": cross_entropy(x * 1e4),
    "cross-entropy, label smoothing": LabelSmoother(0.1)({"logits": x}, v["labels"].long()),
    "mean squared error": F.mse_loss(x, y),
    "binary cross-entropy": F.binary_cross_entropy_with_logits(x, v["even"]),
    "binary cross-entropy, large logits": F.binary_cross_entropy_with_logits(x * 1e4, v["even"]),
    "dropout": x,
    "limit": x,
    "rms norm": rms_norm(x, v["gain"]),
    "rms norm, heads": rms_norm(x.view(BATCH, SEQUENCE, HEADS, SIZE), v["half"]),
    "rms norm, residual": rms_norm(x + y, v["gain"]),
    "rms norm, sum": x + y,
    "rotary": rotate(x, v["cos"][v["positions"]], v["sin"][v["positions"]]),
    "rotary, half of a head": rotate(x, v["cos"][v["positions"]], v["sin"][v["positions"]], heads=1),
    "rotary, tables": rotate(x, *tables(1.0, 0.3)),
    "rotary, long tables": rotate(x, *tables(0.7, 0.1)),
    # Ours add half of what Python's add.
    "additive mask": mask[:, None, None, :] / 2,
    "causal mask": causal(create_causal_mask) / 2,
    "causal mask, window": causal(create_sliding_window_causal_mask) / 2,
    "attention": attend(x, y, positive)[0],
    "attention, masked": masked[0],
    "attention, masked, maps": masked[1],
    "attention, relative bias": attend(x, y, positive, v["relative"] + mask[:, None, None, :])[0],
    "attention, scale": attend(x, y, positive, scale=0.25)[0],
    "attention, shared keys": shared[0],
    "attention, shared keys, maps": shared[1],
    "attention, one key head and a softcap": single[0],
    "attention, one key head and a softcap, maps": single[1],
    "attention, head mask": scored[0],
    "attention, head mask, maps": scored[1],
    "attention, dropout": dropped[0],
    "attention, dropout, maps": dropped[1],
    "attention, context and maps": both[0].sum(-1)[:, None, :, None] * both[1],
    "attention, other keys": attend(x, v["keys"], v["values"])[0],
    "attention, other keys, maps": attend(x, v["keys"], v["values"])[1],
    "gated gelu_new": ACT2FN["gelu_new"](x) * y,
    "gated, one value in halves": F.silu(x[..., : WIDTH // 2]) * x[..., WIDTH // 2 :],
} | {
    f"activation {name}": ACT2FN[name](x)
    for name in (
        "gelu gelu_new gelu_fast gelu_pytorch_tanh quick_gelu relu relu6 silu swish sigmoid tanh linear".split()
    )
}


dump(inputs, cases, {"batch": BATCH, "sequence": SEQUENCE, "keys": KEYS})
