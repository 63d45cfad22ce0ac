"""Record what Python's data collators and samplers give, as the truth for packages/webformers/src/data
(transformers 4.57.6, torch 2.13.0, accelerate, CPU).

Writes, under packages/webformers/fixtures:
    samplers.json     torch's random numbers, length-grouped orders, and the order in which Trainer takes its items
    collators.json    cases: collator, options in camelCase, features, and the batches that Python makes of them

Run it with:  HF_HUB_OFFLINE=1 python packages/webformers/reference/collators.py
"""

import copy
import hashlib
import json
import tempfile
import warnings
from pathlib import Path

import torch
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    DataCollatorForMultipleChoice,
    DataCollatorForSeq2Seq,
    DataCollatorForTokenClassification,
    DataCollatorForWholeWordMask,
    DataCollatorWithFlattening,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
    default_data_collator,
    logging,
)
from transformers.models.bart.modeling_bart import shift_tokens_right
from transformers.trainer_pt_utils import get_length_grouped_indices

logging.set_verbosity_error()
warnings.simplefilter("ignore")
torch.set_num_threads(1)

FIXTURES = Path(__file__).parent.parent / "fixtures"
TEXTS = (Path(__file__).parent / "text.txt").read_text(encoding="utf-8").splitlines()


def generator(seed):
    return torch.Generator().manual_seed(seed)


def permutation(seed, size):
    order = torch.randperm(size, generator=generator(seed)).to(torch.int32)
    digest = hashlib.sha256(order.numpy().tobytes()).hexdigest()
    return {"seed": seed, "size": size, "head": order[:8].tolist(), "sha256": digest}


def draws(seed):
    """All kinds in one stream, so that each has to take as many bits as torch does."""
    g = generator(seed)
    probabilities = [0.0, 0.15, 0.5, 0.8, 1.0] * 8
    return {
        "seed": str(seed),
        "rand": torch.rand(6, generator=g).tolist(),
        "rand64": torch.rand(6, generator=g, dtype=torch.float64).tolist(),
        "bernoulli": [probabilities, torch.bernoulli(torch.tensor(probabilities), generator=g).bool().tolist()],
        "randint": [
            [high, torch.randint(high, (3,), generator=g).tolist()]
            for high in [2, 420, 30522, 2**28 - 1, 2**28, 2**28 + 1, 2**31, 2**32 - 1, 2**32, 2**40]
        ],
        "randomSeed": [str(torch.empty((), dtype=torch.int64).random_(generator=g).item()) for _ in range(3)],
        "randperm": torch.randperm(20, generator=g).tolist(),
    }


def grouped(seed, lengths, batch_size):
    order = get_length_grouped_indices(lengths, batch_size, generator=generator(seed))
    return {"seed": seed, "batchSize": batch_size, "lengths": lengths, "order": order}


def trainer_order(seed, data_seed, size, epochs):
    """Which items Trainer takes, in which order, epoch by epoch."""
    model = AutoModelForSequenceClassification.from_pretrained(FIXTURES / "tiny" / "bert-stars")
    data = [{"input_ids": [2, 5, 3], "index": i, "labels": 0} for i in range(size)]
    with tempfile.TemporaryDirectory() as directory:
        args = TrainingArguments(
            output_dir=directory, seed=seed, data_seed=data_seed, per_device_train_batch_size=3,
            remove_unused_columns=False, use_cpu=True, report_to=[],
        )
        trainer = Trainer(model=model, args=args, train_dataset=data)
        loader = trainer.get_train_dataloader()
        orders = []
        for epoch in range(epochs):
            loader.set_epoch(epoch)
            orders.append([i for batch in loader for i in batch["index"].tolist()])
    return {"seed": seed, "dataSeed": data_seed, "size": size, "orders": orders}


def record_samplers():
    some = [int(x) for x in torch.randint(3, 40, (70,), generator=generator(5))]
    return {
        "draws": [draws(seed) for seed in [0, 42, 2**32 - 1, 2**32 + 7, 2**62 + 12345]],
        "permutations": [
            permutation(seed, size)
            for seed, size in [(0, 0), (0, 1), (0, 2), (42, 5), (42, 100), (1234, 65536), (7, 100_000), (42, 1_000_000)]
        ],
        "lengthGrouped": [
            grouped(0, [3, 9, 4, 8], 2),
            grouped(1, some, 4),
            grouped(2, [5] * 20, 3),
            grouped(3, [7, 7, 2, 7, 1, 7, 3, 3, 7], 1),
        ],
        "trainer": [trainer_order(42, None, 10, 3), trainer_order(42, 7, 11, 2)],
    }


def plain(value):
    """A tensor as JSON; whole numbers are int64 in torch and int32 in webformers."""
    if not isinstance(value, torch.Tensor):
        return value
    dtype = "float32" if value.is_floating_point() else "bool" if value.dtype == torch.bool else "int32"
    return {"dtype": dtype, "shape": list(value.shape), "values": value.flatten().tolist()}


def case(name, kind, tokenizer, collator, batches, **options):
    """Collate one batch after the other, as a seeded collator goes on where it stood."""
    answers = [{k: plain(v) for k, v in collator(copy.deepcopy(batch)).items()} for batch in batches]
    return {
        "name": name, "collator": kind, "tokenizer": tokenizer, "options": options, "batches": batches,
        "answers": answers,
    }


class ShiftsLabels:
    """A model that makes decoder_input_ids as BART does."""

    def prepare_decoder_input_ids_from_labels(self, labels):
        return shift_tokens_right(labels, 0, 2)


def record_collators():
    bert = AutoTokenizer.from_pretrained(FIXTURES / "tiny" / "bert-base")
    roberta = AutoTokenizer.from_pretrained(FIXTURES / "tiny" / "roberta-fill-mask")
    left = AutoTokenizer.from_pretrained(FIXTURES / "tiny" / "bert-base", padding_side="left")

    def encoded(tokenizer, texts, **options):
        options = {"truncation": True, "max_length": 24, **options}
        return [dict(tokenizer(text, **options)) for text in texts]

    texts = [TEXTS[0], TEXTS[3][:20], TEXTS[7], TEXTS[6][:40]]
    more = [TEXTS[1], TEXTS[4], TEXTS[8][:30]]
    cases = []
    add = lambda *a, **k: cases.append(case(*a, **k))

    # Default
    features = [
        {"input_ids": [1, 2, 3], "label": 1, "score": 0.25, "text": "left out", "empty": None},
        {"input_ids": [4, 5, 6], "label": 0, "score": 1.5, "text": "too", "empty": None},
    ]
    add("labels by name, no strings", "default", None, default_data_collator, [features])
    add("labels as numbers", "default", None, default_data_collator,
        [[{"x": [[0.5, 1.25], [2.5, 3.75]], "label": 0.5}, {"x": [[1.5, 2.5], [3.5, 4.5]], "label": 1.75}]])
    add("lists of labels", "default", None, default_data_collator,
        [[{"x": [True, False], "label_ids": [1, -100]}, {"x": [False, False], "label_ids": [2, 3]}]])
    add("multi-label", "default", None, default_data_collator,
        [[{"x": 1, "label_ids": [1.5, 0.5]}, {"x": 2, "label_ids": [0.25, 1.0]}]])

    # Padding
    labelled = [{**f, "label": i % 2} for i, f in enumerate(encoded(bert, texts))]
    scored = [{**f, "label_ids": i + 0.5} for i, f in enumerate(encoded(bert, texts))]
    add("to the longest", "padding", "bert-base", DataCollatorWithPadding(bert), [labelled, labelled[1:2]])
    add("float labels", "padding", "bert-base", DataCollatorWithPadding(bert), [scored])
    add("to a multiple", "padding", "bert-base", DataCollatorWithPadding(bert, pad_to_multiple_of=8), [labelled],
        padToMultipleOf=8)
    add("to a length", "padding", "bert-base", DataCollatorWithPadding(bert, padding="max_length", max_length=30),
        [labelled], padding="maxLength", maxLength=30)
    add("on the left", "padding", "bert-base:left", DataCollatorWithPadding(left), [labelled])
    add("RoBERTa", "padding", "roberta-fill-mask", DataCollatorWithPadding(roberta), [encoded(roberta, texts)])

    # Masked and causal language modelling
    special = encoded(bert, texts, return_special_tokens_mask=True)
    batches = [encoded(bert, texts), encoded(bert, more)]
    mlm = DataCollatorForLanguageModeling
    add("masked", "language-modeling", "bert-base", mlm(bert, seed=42), batches, seed=42)
    add("masked, special tokens known", "language-modeling", "bert-base", mlm(bert, seed=7), [special, special], seed=7)
    add("masked, probabilities", "language-modeling", "bert-base",
        mlm(bert, seed=3, mlm_probability=0.4, mask_replace_prob=0.5, random_replace_prob=0.4, pad_to_multiple_of=8),
        batches, seed=3, mlmProbability=0.4, maskReplaceProb=0.5, randomReplaceProb=0.4, padToMultipleOf=8)
    add("masked, only masks", "language-modeling", "bert-base",
        mlm(bert, seed=3, mlm_probability=0.3, mask_replace_prob=1, random_replace_prob=0), batches,
        seed=3, mlmProbability=0.3, maskReplaceProb=1, randomReplaceProb=0)
    add("masked, no masks", "language-modeling", "bert-base",
        mlm(bert, seed=3, mlm_probability=0.3, mask_replace_prob=0, random_replace_prob=1), batches,
        seed=3, mlmProbability=0.3, maskReplaceProb=0, randomReplaceProb=1)
    add("masked, RoBERTa, lists", "language-modeling", "roberta-fill-mask", mlm(roberta, seed=5, pad_to_multiple_of=4),
        [[f["input_ids"] for f in encoded(roberta, texts)]], seed=5, padToMultipleOf=4)
    add("masked, left", "language-modeling", "bert-base:left", mlm(left, seed=11), batches, seed=11)
    words = [
        encoded(bert, part, return_special_tokens_mask=True, return_offsets_mapping=True, padding="max_length")
        for part in [texts, more]
    ]
    add("masked by words", "language-modeling", "bert-base",
        mlm(bert, seed=9, whole_word_mask=True, mlm_probability=0.3, mask_replace_prob=1, random_replace_prob=0), words,
        seed=9, wholeWordMask=True, mlmProbability=0.3, maskReplaceProb=1, randomReplaceProb=0)
    add("causal", "language-modeling", "roberta-fill-mask", mlm(roberta, mlm=False), [encoded(roberta, texts)], mlm=False)

    # Whole words
    wwm = DataCollatorForWholeWordMask
    add("whole words", "whole-word-mask", "bert-base", wwm(bert, seed=42), batches, seed=42)
    add("whole words, many", "whole-word-mask", "bert-base",
        wwm(bert, seed=1, mlm_probability=0.5, mask_replace_prob=0.6, random_replace_prob=0.2, pad_to_multiple_of=8),
        batches, seed=1, mlmProbability=0.5, maskReplaceProb=0.6, randomReplaceProb=0.2, padToMultipleOf=8)
    chinese = [{**f, "chinese_ref": [2, 3, 7]} for f in encoded(bert, more)]
    add("whole words, reference", "whole-word-mask", "bert-base", wwm(bert, seed=4, mlm_probability=0.3), [chinese],
        seed=4, mlmProbability=0.3)

    # Sequence to sequence
    pairs = [{**f, "labels": g["input_ids"]} for f, g in zip(encoded(bert, texts), encoded(bert, texts[::-1]))]
    s2s = DataCollatorForSeq2Seq
    add("pairs", "seq2seq", "bert-base", s2s(bert), [pairs])
    add("pairs to a length", "seq2seq", "bert-base", s2s(bert, padding="max_length", max_length=30), [pairs],
        padding="maxLength", maxLength=30)
    add("pairs to a multiple", "seq2seq", "bert-base", s2s(bert, pad_to_multiple_of=8, label_pad_token_id=0), [pairs],
        padToMultipleOf=8, labelPadTokenId=0)
    add("pairs on the left", "seq2seq", "bert-base:left", s2s(left), [pairs])
    add("pairs, not padded", "seq2seq", "bert-base", s2s(bert, padding=False), [pairs[:1]], padding=False)
    add("pairs with decoder inputs", "seq2seq:shift", "bert-base", s2s(bert, model=ShiftsLabels()), [pairs])

    # Token classification
    tagged = [{**f, "labels": [-100] + [j % 3 for j in range(len(f["input_ids"]) - 2)] + [-100]}
              for f in encoded(bert, texts)]
    tokens = DataCollatorForTokenClassification
    add("tags", "token-classification", "bert-base", tokens(bert), [tagged])
    add("tags to a multiple", "token-classification", "bert-base",
        tokens(bert, pad_to_multiple_of=8, label_pad_token_id=-1), [tagged], padToMultipleOf=8, labelPadTokenId=-1)
    add("tags on the left", "token-classification", "bert-base:left", tokens(left), [tagged])
    add("no tags", "token-classification", "bert-base", tokens(bert), [encoded(bert, texts)])

    # Multiple choice
    choices = [
        {**dict(bert([text] * 3, [TEXTS[i][:25], TEXTS[i + 1][:10], "no"], truncation=True, max_length=28)), "label": i}
        for i, text in enumerate(texts[:3])
    ]
    choice = DataCollatorForMultipleChoice
    add("choices", "multiple-choice", "bert-base", choice(bert), [choices])
    add("choices to a multiple", "multiple-choice", "bert-base", choice(bert, pad_to_multiple_of=16), [choices],
        padToMultipleOf=16)

    # Flattening
    ids = [{"input_ids": f["input_ids"]} for f in encoded(bert, texts)]
    flat = DataCollatorWithFlattening
    add("flat", "flattening", None, flat(), [ids])
    add("flat with labels", "flattening", None, flat(separator_id=-1), [[{**f, "labels": f["input_ids"][::-1]} for f in ids]],
        separatorId=-1)
    add("flat, all", "flattening", None, flat(return_seq_idx=True, return_position_ids=False),
        [ids], returnSeqIdx=True, returnPositionIds=False)
    return cases


def write(name, value):
    (FIXTURES / name).write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


write("samplers.json", record_samplers())
write("collators.json", record_collators())
