"""Record what the logits processors of transformers make of scores, alone and in the order of `generate`, for src/generation/: among them
equal scores, infinities and scores that a border runs through; and when StopStringCriteria is met.

Needs torch 2.13, transformers 4.57.6 and tokenizers 0.22; run from this folder: python processors.py
"""

import json
import random
import warnings
from pathlib import Path

import torch
import transformers
from tokenizers import Tokenizer, decoders, models
from toy_model import EOS, VOCABULARY, toy
from transformers import GenerationConfig, PreTrainedTokenizerFast
from transformers.generation.stopping_criteria import StopStringCriteria

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()
random.seed(1)
torch.manual_seed(1)
INF = float("inf")


def rounded(values, digits):
    return torch.tensor([float(f"%.{digits}g" % value) for value in values.flatten().tolist()]).view(values.shape)


# Two rows each.
SCORES = {
    "random": rounded(torch.randn(2, VOCABULARY) * 3, 4),
    "flat": rounded(torch.randn(2, VOCABULARY) * 0.2, 3),
    "peaked": rounded(torch.randn(2, VOCABULARY) * 12, 4),
    # Few values, so that many are equal.
    "ties": torch.randint(-2, 3, (2, VOCABULARY)).float(),
    "equal": torch.zeros(2, VOCABULARY),
    "mostly forbidden": torch.where(torch.rand(2, VOCABULARY) < 0.9, -INF, rounded(torch.randn(2, VOCABULARY), 4)),
    "invalid": torch.tensor([[[INF, -INF, float("nan"), 1.5, -2.0, 0.25][(r + c * c) % 6] for c in range(VOCABULARY)] for r in range(2)]),
}  # fmt: skip
SEQUENCES = [[3, 7, 9, 12, 7, 9, 4, 3, 7, 9], [5, 5, 6, 5, 6, 9, 12, 9, 10, 45]]
ENCODER = [[8, 3, 7, 9, 30], [5, 6, 9, 12, 8]]
SAMPLE = {"do_sample": True, "top_k": 0}
EVERY = ["random", "flat", "peaked", "ties", "equal", "mostly forbidden"]
CASES = [
    *[({**SAMPLE, "temperature": value}, ["random", "ties"]) for value in (0.7, 3.0)],
    *[({**SAMPLE, "top_k": value}, EVERY) for value in (1, 5, 20)],
    *[({**SAMPLE, "top_p": value}, EVERY) for value in (0.1, 0.5, 0.9, 0.999)],
    ({**SAMPLE, "top_p": 0.0}, ["random", "ties"]),
    *[({**SAMPLE, "min_p": value}, EVERY) for value in (0.05, 0.5, 1.0)],
    *[({**SAMPLE, "typical_p": value}, EVERY) for value in (0.2, 0.9)],
    *[({**SAMPLE, "epsilon_cutoff": value}, EVERY) for value in (0.01, 0.2)],
    *[({**SAMPLE, "eta_cutoff": value}, EVERY) for value in (0.01, 0.3)],
    # Beams keep as many tokens as there are ends, and one more.
    *[
        ({**SAMPLE, "num_beams": 2, "eos_token_id": [1, 2], **change}, ["random", "ties", "peaked"])
        for change in (
            {"top_k": 1}, {"top_p": 0.1}, {"min_p": 0.9}, {"typical_p": 0.1}, {"epsilon_cutoff": 0.9}, {"eta_cutoff": 0.9}
        )  # fmt: skip
    ],
    ({"do_sample": True, "temperature": 1.4, "top_k": 20, "top_p": 0.85, "min_p": 0.02, "typical_p": 0.95}, EVERY),
    *[({"repetition_penalty": value}, ["random", "ties"]) for value in (1.3, 0.6)],
    ({"encoder_repetition_penalty": 1.3}, ["random", "ties"]),
    *[({"no_repeat_ngram_size": value}, ["random"]) for value in (1, 2, 3, 11)],
    *[({"encoder_no_repeat_ngram_size": value}, ["random"]) for value in (1, 2, 3)],
    ({"bad_words_ids": [[5], [7, 9, 12], [9, 10, 45, 8], [1], [9, 4], [45, 11]]}, ["random"]),
    ({"sequence_bias": [[[5], 2.5], [[7, 9, 4], -1.25], [[10, 45, 5], 3.0], [[5], 0.5], [[9, 11], 1.0]]}, ["random"]),
    ({"min_length": 11}, ["random"]),
    ({"min_length": 10}, ["random"]),
    ({"min_new_tokens": 5, "eos_token_id": [1, 6]}, ["random"]),
    ({"forced_eos_token_id": [1, 6], "max_length": 11}, ["random"]),
    ({"forced_eos_token_id": 1, "max_length": 12}, ["random"]),
    ({"remove_invalid_values": True}, ["invalid"]),
    ({"exponential_decay_length_penalty": [2, 1.4]}, ["random", "peaked"]),
    ({"exponential_decay_length_penalty": [9, 1.4]}, ["random"]),
    ({"suppress_tokens": [1, 4, 9]}, ["random"]),
    ({"begin_suppress_tokens": [1, 4, 9]}, ["random"]),
    ({"renormalize_logits": True}, ["random", "mostly forbidden"]),
    # In each other's way: the order counts.
    (
        {
            "sequence_bias": [[[1], 6.0], [[7], 3.0]], "repetition_penalty": 1.5, "no_repeat_ngram_size": 2, "bad_words_ids": [[45]],
            "min_length": 11, "forced_eos_token_id": 1, "max_length": 11, "remove_invalid_values": True,
            "exponential_decay_length_penalty": [1, 1.2], "suppress_tokens": [4], "renormalize_logits": True,
        },
        ["random"],
    ),
    (
        {
            "repetition_penalty": 1.5, "encoder_repetition_penalty": 1.2, "remove_invalid_values": True, "suppress_tokens": [4, 8],
            "do_sample": True, "temperature": 0.8, "top_k": 12, "top_p": 0.8, "renormalize_logits": True, "no_repeat_ngram_size": 3,
        },
        ["random", "ties", "invalid"],
    ),
]  # fmt: skip
model = toy()


def processed(config, scores, sequences, prompt):
    generation = GenerationConfig(**{"eos_token_id": EOS, **config})
    model._prepare_special_tokens(generation, True, device="cpu")
    processors = model._get_logits_processor(generation, prompt, torch.tensor(ENCODER), device="cpu")
    return processors(torch.tensor(sequences), scores.clone())


def plain(values):
    """JSON knows no infinity and no NaN."""
    return [value if abs(value) < INF else str(value) for value in values.flatten().tolist()]


def changes(values, before):
    """The places that can't be chosen any more, and the other scores that changed, by place."""
    pairs = [(at, value) for at, (value, old) in enumerate(zip(plain(values), plain(before))) if value != old]
    return {
        "forbidden": [at for at, value in pairs if value == "-inf"],
        "changed": {at: value if isinstance(value, str) else float(f"{value:.7g}") for at, value in pairs if value != "-inf"},
    }


def cases():
    for config, names in CASES:
        for name in names:
            output = processed(config, SCORES[name], SEQUENCES, 6)
            yield {"config": config, "scores": name, "prompt": 6, "length": 10, **changes(output, SCORES[name])}
    # At the beginning.
    for config, prompt, length in [
        ({"begin_suppress_tokens": [1, 4, 9]}, 6, 6),
        ({"begin_suppress_tokens": [1, 4, 9], "forced_bos_token_id": 7}, 1, 1),
        ({"begin_suppress_tokens": [1, 4, 9], "forced_bos_token_id": 7}, 1, 2),
        ({"encoder_no_repeat_ngram_size": 4}, 1, 1),
        ({"no_repeat_ngram_size": 3}, 1, 1),
        ({"bad_words_ids": [[3, 7, 9]], "sequence_bias": [[[3, 8], 1.0]]}, 1, 2),
    ]:
        sequences = [row[:length] for row in SEQUENCES]
        output = processed(config, SCORES["random"], sequences, prompt)
        yield {"config": config, "scores": "random", "prompt": prompt, "length": length, **changes(output, SCORES["random"])}


def stop_strings():
    pieces = ["s", "t", "o", "p", " ", "x", "st", "op", "stop", "nstop", "ops", "to", " s", "tops", "xx", "\n", "é", "ü", "🙂", "pst"]
    vocabulary = {piece: i for i, piece in enumerate(["<unk>", *pieces, *"abcdef"])}
    backend = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>"))
    backend.decoder = decoders.Fuse()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend)
    sets = [["stop"], ["op", "xx"], ["pst"], [" st"], ["o"], ["topst", "é🙂"], ["stopstop"]]
    sequences = [[random.randrange(len(vocabulary) - 6) for _ in range(random.randrange(1, 9))] for _ in range(160)]
    _, texts = list(vocabulary), dict(zip(vocabulary.values(), vocabulary))
    met = []
    for stops in sets:
        criterion = StopStringCriteria(tokenizer, stops)
        met.append({"stops": stops, "met": [int(criterion(torch.tensor([row]), None)[0]) for row in sequences]})
    return {"texts": [texts[i] for i in range(len(texts))], "sequences": sequences, "sets": met}


fixture = Path(__file__).parent.parent / "src/generation/fixture"
found = {"scores": {name: plain(values) for name, values in SCORES.items()}, "encoder": ENCODER, "sequences": SEQUENCES, "cases": list(cases())}
(fixture / "processors.json").write_text(json.dumps(found, separators=(",", ":")) + "\n")
(fixture / "stop-strings.json").write_text(json.dumps(stop_strings(), ensure_ascii=False) + "\n")
