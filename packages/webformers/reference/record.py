"""Record what Python's own pipelines answer, as the truth for packages/webformers (transformers 4.57.6, torch, CPU).

Writes, under packages/webformers/fixtures:
    tiny/<name>/...     tiny random models laid out as repositories of the Hub
    <task>.json         cases (model, input, options, answer) and the runs (ids in, numbers out) they needed
    models.json         what bare models compute

Run it with:  python packages/webformers/reference/record.py
Offsets are recorded in UTF-16 code units, as JavaScript counts; option names in camelCase, as webformers spells them.
"""

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    AutoModel,
    AutoModelForMaskedLM,
    AutoModelForMultipleChoice,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    BertConfig,
    BertTokenizerFast,
    DistilBertConfig,
    DistilBertTokenizerFast,
    RobertaConfig,
    RobertaTokenizerFast,
    logging,
    pipeline,
)

logging.set_verbosity_error()
torch.set_num_threads(1)

HERE = Path(__file__).parent
FIXTURES = HERE.parent / "fixtures"
LINES = (HERE / "text.txt").read_text(encoding="utf-8").splitlines()
LONGEST = 64  # tokens a model takes, small so that short texts already need windows
VOCABULARY = 420


def kept(repository):
    """The tokenizer recorded before: training breaks ties at random, and would change every recorded id."""
    file = FIXTURES / "tiny" / repository / "tokenizer.json"
    return Tokenizer.from_file(str(file)) if file.exists() else None


def wordpiece(lowercase):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=VOCABULARY, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(LINES, trainer)
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(LINES, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    return tokenizer


def bert_tokenizer(lowercase=True, kind=BertTokenizerFast):
    tokenizer = kept("bert-base" if lowercase else "bert-entities") or wordpiece(lowercase)
    return kind(tokenizer_object=tokenizer, do_lower_case=lowercase, model_max_length=LONGEST)


def roberta_tokenizer():
    return RobertaTokenizerFast(tokenizer_object=kept("roberta-entities") or byte_level(), model_max_length=LONGEST)


def bert(tokenizer, **rest):
    return BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
        max_position_embeddings=LONGEST, pad_token_id=tokenizer.pad_token_id, **rest,
    )


def distilbert(tokenizer, **rest):
    return DistilBertConfig(
        vocab_size=len(tokenizer), dim=32, n_layers=2, n_heads=4, hidden_dim=48,
        max_position_embeddings=LONGEST, pad_token_id=tokenizer.pad_token_id, **rest,
    )


def roberta(tokenizer, **rest):
    return RobertaConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
        max_position_embeddings=LONGEST + 2, type_vocab_size=1, pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, **rest,
    )


def labels(*names):
    return {"id2label": dict(enumerate(names)), "label2id": {name: i for i, name in enumerate(names)}}


ENTITIES = labels("O", "B-PER", "I-PER", "I-LOC", "B-ORG", "I-ORG")
STARS = labels("awful", "poor", "fair", "good", "superb")
TOPICS = labels("politics", "sports", "science", "music")

# name → (head, tokenizer, configuration, its labels and the like)
MODELS = {
    "bert-base": (AutoModel, bert_tokenizer(), bert, {}),
    "bert-fill-mask": (AutoModelForMaskedLM, bert_tokenizer(), bert, {}),
    "roberta-fill-mask": (AutoModelForMaskedLM, roberta_tokenizer(), roberta, {}),
    "bert-stars": (AutoModelForSequenceClassification, bert_tokenizer(), bert, STARS),
    "bert-topics": (AutoModelForSequenceClassification, bert_tokenizer(), bert,
                    {**TOPICS, "problem_type": "multi_label_classification"}),
    "bert-similarity": (AutoModelForSequenceClassification, bert_tokenizer(), bert, labels("LABEL_0")),
    "bert-price": (AutoModelForSequenceClassification, bert_tokenizer(), bert,
                   {**labels("price"), "problem_type": "regression"}),
    "distilbert-stars": (AutoModelForSequenceClassification,
                         bert_tokenizer(kind=DistilBertTokenizerFast), distilbert, STARS),
    "bert-nli": (AutoModelForSequenceClassification, bert_tokenizer(), bert,
                 labels("contradiction", "neutral", "entailment")),
    "bert-entities": (AutoModelForTokenClassification, bert_tokenizer(lowercase=False), bert, ENTITIES),
    "roberta-entities": (AutoModelForTokenClassification, roberta_tokenizer(), roberta, ENTITIES),
    "bert-answers": (AutoModelForQuestionAnswering, bert_tokenizer(), bert, {}),
    "roberta-answers": (AutoModelForQuestionAnswering, roberta_tokenizer(), roberta, {}),
    "bert-choice": (AutoModelForMultipleChoice, bert_tokenizer(), bert, {}),
}


# Chosen because every label comes up in the texts below; the others take their place in the table.
SEEDS = {"bert-entities": 40, "roberta-entities": 58, "distilbert-stars": 44}


def spread(path):
    """Wide enough that answers follow the words and differ from each other, not the biases alone."""
    if path.endswith("bias"):
        return 0.05
    if "word_embeddings" in path:
        return 0.7
    return 0.2 if "embeddings" in path else 0.4


def write_models():
    for seed, (name, (head, tokenizer, configure, rest)) in enumerate(MODELS.items()):
        torch.manual_seed(SEEDS.get(name, seed))
        model = head.from_config(configure(tokenizer, **rest)).eval()
        for path, parameter in model.named_parameters():
            if "LayerNorm" not in path and "layer_norm" not in path:
                parameter.data.normal_(0, spread(path))
        model.save_pretrained(FIXTURES / "tiny" / name)
        tokenizer.save_pretrained(FIXTURES / "tiny" / name)
        (FIXTURES / "tiny" / name / "model.safetensors").chmod(0o644)


def utf16(text, position):
    return len(text[:position].encode("utf-16-le")) // 2


def camel(name):
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def plain(value):
    """JSON's types, with numbers rounded to what float32 tells apart at the tolerance of the tests."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return float(f"{value:.6g}") if isinstance(value, float) else value


def in_utf16(answer, text):
    if isinstance(answer, list):
        return [in_utf16(item, text) for item in answer]
    return {**answer, "start": utf16(text, answer["start"]), "end": utf16(text, answer["end"])}


class Recorder:
    """Calls one task's pipelines and keeps both what they answered and what their models computed."""

    def __init__(self, task, outputs=()):
        self.task, self.outputs, self.cases, self.runs, self.pipelines = task, outputs, [], {}, {}

    def pipe(self, name):
        if name not in self.pipelines:
            pipe = pipeline(self.task, model=str(FIXTURES / "tiny" / name), device="cpu")
            forward = pipe.model.forward
            mask = pipe.tokenizer.mask_token_id

            def recorded(*args, **inputs):
                outputs = forward(*args, **inputs)
                for row, ids in enumerate(inputs["input_ids"].tolist()):
                    length = int(inputs["attention_mask"][row].sum())
                    types = inputs.get("token_type_ids")
                    run = {"input_ids": ids[:length]}
                    if types is not None:
                        run["token_type_ids"] = types[row, :length].tolist()
                    for output in self.outputs:
                        values = outputs[output][row]
                        if self.task == "fill-mask":  # the other rows are 420 numbers a token that nobody reads
                            run[output] = {i: plain(values[i]) for i in range(length) if ids[i] == mask}
                        else:
                            run[output] = plain(values if output == "logits" and values.ndim == 1 else values[:length])
                    self.runs[name + json.dumps(run["input_ids"]) + str(run.get("token_type_ids"))] = {"model": name, **run}
                return outputs

            pipe.model.forward = recorded
            self.pipelines[name] = pipe
        return self.pipelines[name]

    def __call__(self, name, inputs, batch_size=1, **options):
        pipe = self.pipe(name)
        if self.task == "question-answering":
            answers = pipe(**inputs, batch_size=batch_size, **options) if isinstance(inputs, dict) else pipe(
                question=[item["question"] for item in inputs], context=[item["context"] for item in inputs],
                batch_size=batch_size, **options)
        else:
            answers = pipe(inputs, batch_size=batch_size, **options)
        if self.task == "token-classification":
            answers = [in_utf16(a, t) for a, t in zip(answers, inputs)] if isinstance(inputs, list) else in_utf16(answers, inputs)
        if self.task == "question-answering":
            answers = ([in_utf16(a, i["context"]) for a, i in zip(answers, inputs)]
                       if isinstance(inputs, list) else in_utf16(answers, inputs["context"]))
        if self.task == "text-classification" and isinstance(inputs, dict) and "top_k" not in options:
            answers = [answers]  # Python forgets the list around the answer to a pair
        if self.task == "feature-extraction" and batch_size > 1:
            # Python leaves the padding of a batch in; webformers gives the same answers whatever the batch
            lengths = [len(pipe.tokenizer(text).input_ids) for text in inputs]
            answers = [[answer[0][:length]] for answer, length in zip(answers, lengths)]
        if batch_size > 1:
            options = {**options, "batch_size": batch_size}
        self.cases.append({"model": f"tiny/{name}", "input": inputs,
                           "options": {camel(key): value for key, value in options.items()}, "answer": plain(answers)})

    def write(self):
        runs = [{"model": f"tiny/{run.pop('model')}", **run} for run in self.runs.values()]
        lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in self.cases)
        recorded = ",\n".join(json.dumps(run, ensure_ascii=False) for run in runs)
        (FIXTURES / f"{self.task}.json").write_text(
            f'{{"cases": [\n{lines}\n],\n"runs": [\n{recorded}\n]}}\n', encoding="utf-8")


SHORT = [
    "This film was wonderful, I loved every minute of it!",
    "The service was terrible.",
    "Où est Zoë? She met José in a café in São Paulo 🎉 and laughed.",
]
PARTY = "🎉 Zoë Schmidt met José in São Paulo 👩‍🚀; Marie Curie doesn't live in New York, nor in 東京."
PARAGRAPH = " ".join(LINES[5:11])
CURIE = " ".join(LINES[5:7])


def feature_extraction():
    record = Recorder("feature-extraction", ["last_hidden_state"])
    record("bert-base", SHORT[0])
    record("bert-base", SHORT)
    record("bert-base", SHORT, batch_size=3)
    record("bert-base", PARAGRAPH, truncation=True)
    record.write()


def text_classification():
    record = Recorder("text-classification", ["logits"])
    for name in ["bert-stars", "bert-topics", "bert-similarity", "bert-price", "distilbert-stars"]:
        record(name, SHORT[0])
        record(name, SHORT)
        record(name, SHORT, batch_size=2)
        record(name, SHORT[2], top_k=None)
        record(name, SHORT, top_k=2)
    record("bert-stars", SHORT[1], top_k=1)
    record("bert-stars", SHORT[1], top_k=None, function_to_apply="sigmoid")
    record("bert-stars", SHORT[1], top_k=None, function_to_apply="none")
    record("bert-topics", SHORT[1], top_k=None, function_to_apply="softmax")
    record("bert-similarity", {"text": SHORT[0], "text_pair": SHORT[1]})
    record("bert-similarity", [{"text": SHORT[0], "text_pair": SHORT[1]}, {"text": SHORT[2], "text_pair": SHORT[2]}])
    record("bert-stars", {"text": SHORT[0], "text_pair": SHORT[1]}, top_k=2)
    record("bert-stars", PARAGRAPH, truncation=True)
    record.write()


def token_classification():
    record = Recorder("token-classification", ["logits"])
    for name in ["bert-entities", "roberta-entities"]:
        for strategy in ["none", "simple", "first", "average", "max"]:
            record(name, PARTY, aggregation_strategy=strategy)
            record(name, CURIE, aggregation_strategy=strategy)
        record(name, [PARTY, SHORT[0], SHORT[2]])
        record(name, [PARTY, SHORT[0], SHORT[2]], batch_size=3, aggregation_strategy="simple")
        record(name, PARTY, ignore_labels=[])
        record(name, PARTY, ignore_labels=["O", "B-PER"])
        record(name, PARTY, aggregation_strategy="first", ignore_labels=["PER", "LOC"])
        record(name, PARAGRAPH)
        for strategy in ["simple", "first", "average", "max"]:
            record(name, PARAGRAPH, stride=10, aggregation_strategy=strategy)
        record(name, [PARTY, PARAGRAPH], stride=16, aggregation_strategy="simple", batch_size=2)
    record.write()


def fill_mask():
    record = Recorder("fill-mask", ["logits"])
    for name, mask in [("bert-fill-mask", "[MASK]"), ("roberta-fill-mask", "<mask>")]:
        record(name, f"Paris is the {mask} of France.")
        record(name, [f"Paris is the {mask} of France.", f"The {mask} was slow 🎉."])
        record(name, [f"Paris is the {mask} of France.", f"The {mask} was slow 🎉."], batch_size=2, top_k=2)
        record(name, f"{mask} is the capital of {mask}, said Zoë.", top_k=3)
        record(name, f"The film was {mask}.", top_k=1)
        record(name, f"The film was {mask}.", targets=["good", "terrible", "slow"])
        record(name, f"The film was {mask}.", targets=["the", "wonderful", "thunderstorm"], top_k=2)
        record(name, f"The film was {mask}.", targets="great")
        record(name, f"{mask} and {mask}.", targets=["good", "slow"], top_k=5)
    record.write()


def question_answering():
    record = Recorder("question-answering", ["start_logits", "end_logits"])
    party = {"question": "Where did Zoë meet José?", "context": PARTY}
    curie = {"question": "When was Marie Curie born?", "context": CURIE}
    long = {"question": "What flows through Vienna?", "context": PARAGRAPH}
    for name in ["bert-answers", "roberta-answers"]:
        for example in [party, curie, long]:
            record(name, example)
            record(name, example, top_k=4)
            record(name, example, align_to_words=False, top_k=3)
            record(name, example, handle_impossible_answer=True, top_k=3)
            record(name, example, max_answer_len=2)
        record(name, long, max_seq_len=40, doc_stride=8)
        record(name, long, max_seq_len=48, doc_stride=20, top_k=2)
        record(name, [party, curie, long])
        record(name, [party, curie, long], batch_size=3, top_k=2)
    record.write()


def zero_shot_classification():
    record = Recorder("zero-shot-classification", ["logits"])
    topics = ["politics", "sports", "science", "cooking"]
    record("bert-nli", SHORT[0], candidate_labels=topics)
    record("bert-nli", SHORT[0], candidate_labels="good, bad , slow")
    record("bert-nli", SHORT[1], candidate_labels=topics, multi_label=True)
    record("bert-nli", SHORT[1], candidate_labels=["music"])
    record("bert-nli", SHORT[2], candidate_labels=topics, hypothesis_template="Zoë talks about {}, or not?")
    record("bert-nli", SHORT, candidate_labels=topics)
    record("bert-nli", SHORT, candidate_labels=topics, multi_label=True, batch_size=4)
    record("bert-nli", PARAGRAPH, candidate_labels=topics)
    record.write()


def bare_models():
    """What no pipeline shows: every output of the base model, and multiple choice."""

    def compute(name, encoded, **options):
        model = MODELS[name][0].from_pretrained(FIXTURES / "tiny" / name, attn_implementation="eager").eval()
        outputs = model(**encoded, **options)
        return {"inputs": plain(dict(encoded)), "outputs": plain(dict(outputs))}

    tokenizer = MODELS["bert-base"][1]
    texts = ["The food was great.", "Où est Zoë?"]
    base = compute("bert-base", tokenizer(texts, padding=True, return_tensors="pt"),
                   output_hidden_states=True, output_attentions=True)
    prompt, choices = "The River Thames flows through", ["London.", "the Sorbonne in 1891.", "a small café"]
    encoded = MODELS["bert-choice"][1]([prompt] * len(choices), choices, padding=True, return_tensors="pt")
    choice = compute("bert-choice", {key: value.unsqueeze(0) for key, value in encoded.items()})
    recorded = {
        "tiny/bert-base": {"texts": texts, **base},
        "tiny/bert-choice": {"prompt": prompt, "choices": choices, **choice},
    }
    (FIXTURES / "models.json").write_text(json.dumps(recorded, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_models()
    with torch.no_grad():
        feature_extraction()
        text_classification()
        token_classification()
        fill_mask()
        question_answering()
        zero_shot_classification()
        bare_models()
