"""Record what Python's pipelines write, as the truth for packages/webformers (transformers 4.57.6, torch, CPU).

Writes, under packages/webformers/fixtures:
    tiny/<name>/...   tiny random models that write text, laid out as repositories of the Hub
    writing.json      cases (task, model, input, options, answer), and how pipelines generate where a call says nothing

Run it with:  HF_HUB_OFFLINE=1 python packages/webformers/reference/writing.py
Greedy and beams only; option names in camelCase, as webformers spells them.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from transformers.models.m2m_100.tokenization_m2m_100 import FAIRSEQ_LANGUAGE_CODES
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    GenerationConfig,
    LlamaConfig,
    LlamaTokenizerFast,
    M2M100Config,
    M2M100Tokenizer,
    MarianConfig,
    MarianTokenizer,
    MBartConfig,
    NllbTokenizerFast,
    T5Config,
    logging,
    pipeline,
)

logging.set_verbosity_error()
torch.set_num_threads(1)

HERE = Path(__file__).parent
FIXTURES = HERE.parent / "fixtures"
TOKENIZERS = HERE.parent.parent / "tokenizers" / "fixtures"
CHATML = (TOKENIZERS / "chat-templates" / "chatml.jinja").read_text()


def llama_tokenizer():
    tokenizer = LlamaTokenizerFast.from_pretrained(TOKENIZERS / "tiny-llama", add_eos_token=False)
    tokenizer.chat_template = CHATML
    tokenizer.model_max_length = 256
    return tokenizer


def without_charsmap(name):
    """A recorded tokenizer whose table of characters is kept apart from it, and left out here."""
    with TemporaryDirectory() as folder:
        for file in (TOKENIZERS / name).glob("tokenizer*.json"):
            content = json.loads(file.read_text())
            if (content.get("normalizer") or {}).get("type") == "Precompiled":
                content["normalizer"] = None
            if (content.get("normalizer") or {}).get("type") == "Sequence":
                parts = content["normalizer"]["normalizers"]
                content["normalizer"]["normalizers"] = [part for part in parts if part["type"] != "Precompiled"]
            (Path(folder) / file.name).write_text(json.dumps(content))
        return AutoTokenizer.from_pretrained(folder)


def nllb_tokenizer():
    return NllbTokenizerFast(
        vocab_file=str(TOKENIZERS / "converters" / "fairseq.model"),
        additional_special_tokens=["eng_Latn", "deu_Latn", "fra_Latn", "zho_Hans"],
    )


def m2m_100_tokenizer():
    """Python has no fast one: its vocabulary and its model of pieces, here made of NLLB's."""
    with TemporaryDirectory() as folder:
        pieces = json.loads(nllb_tokenizer().backend_tokenizer.to_str())["model"]["vocab"]
        (Path(folder) / "vocab.json").write_text(json.dumps({piece: i for i, (piece, _) in enumerate(pieces)}))
        return M2M100Tokenizer(
            vocab_file=str(Path(folder) / "vocab.json"),
            spm_file=str(TOKENIZERS / "converters" / "fairseq.model"),
            additional_special_tokens=[f"__{code}__" for code in FAIRSEQ_LANGUAGE_CODES["m2m100"]],
        )


def marian_tokenizer():
    """For one pair of languages, with a model of pieces for each."""
    folder = TOKENIZERS / "translation"
    return MarianTokenizer(
        source_spm=str(folder / "source.spm"), target_spm=str(folder / "target.spm"), vocab=str(folder / "marian.json")
    )


def llama(tokenizer):
    return LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        intermediate_size=24, max_position_embeddings=256, tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
    )


T5_TASKS = {
    "summarization": {"early_stopping": True, "length_penalty": 2.0, "max_length": 24, "min_length": 6,
                      "no_repeat_ngram_size": 3, "num_beams": 4, "prefix": "summarize: "},
    "translation_en_to_de": {"early_stopping": True, "max_length": 20, "num_beams": 4,
                             "prefix": "translate English to German: "},
    "translation_en_to_fr": {"early_stopping": True, "max_length": 20, "num_beams": 3,
                             "prefix": "translate English to French: "},
}


def t5(tokenizer):
    return T5Config(
        vocab_size=len(tokenizer), d_model=16, d_kv=4, d_ff=24, num_layers=2, num_heads=4,
        decoder_start_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id, task_specific_params=T5_TASKS,
    )


def layers(tokenizer, start):
    return {
        "vocab_size": len(tokenizer), "d_model": 16, "encoder_layers": 2, "decoder_layers": 2,
        "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 24, "decoder_ffn_dim": 24,
        "max_position_embeddings": 128, "decoder_start_token_id": start, "forced_eos_token_id": tokenizer.eos_token_id,
        "bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }


def mbart(tokenizer):
    return MBartConfig(**layers(tokenizer, tokenizer.eos_token_id))


def m2m_100(tokenizer):
    return M2M100Config(**layers(tokenizer, tokenizer.eos_token_id))


def marian(tokenizer):
    return MarianConfig(**layers(tokenizer, tokenizer.pad_token_id), max_length=40, num_beams=4,
                        bad_words_ids=[[tokenizer.pad_token_id]])


# name → (head, tokenizer, configuration, seed), seeds chosen so that answers differ and some of them end
MODELS = {
    "llama-writer": (AutoModelForCausalLM, llama_tokenizer, llama, 0),
    "t5-tasks": (AutoModelForSeq2SeqLM, lambda: without_charsmap("t5"), t5, 0),
    "mbart-languages": (AutoModelForSeq2SeqLM, lambda: without_charsmap("mbart"), mbart, 0),
    "m2m-languages": (AutoModelForSeq2SeqLM, m2m_100_tokenizer, m2m_100, 0),
    "marian-pair": (AutoModelForSeq2SeqLM, marian_tokenizer, marian, 0),
    "nllb-languages": (AutoModelForSeq2SeqLM, nllb_tokenizer, m2m_100, 0),
}


def write_models():
    for name, (head, tokenizer_of, configure, seed) in MODELS.items():
        tokenizer = tokenizer_of()
        torch.manual_seed(seed)
        model = head.from_config(configure(tokenizer)).eval()
        for path, parameter in model.named_parameters():
            if "norm" not in path:
                parameter.data.normal_(0, 0.6)
        if name == "t5-tasks":  # a length of the model's own goes before the pipeline's, and the task's before that
            model.generation_config.max_length = 32
        model.save_pretrained(FIXTURES / "tiny" / name)
        tokenizer.save_pretrained(FIXTURES / "tiny" / name)
        for file in (FIXTURES / "tiny" / name).glob("*"):
            file.chmod(0o644)
            if file.suffix == ".model" and tokenizer.is_fast:  # tokenizer.json says it all
                file.unlink()
            if file.name == "tokenizer.json":  # half as large on one line
                file.write_text(json.dumps(json.loads(file.read_text()), ensure_ascii=False) + "\n")


def camel(name):
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.tolist() if hasattr(value, "tolist") else value


class Recorder:
    def __init__(self):
        self.cases, self.pipelines = [], {}

    def __call__(self, task, name, inputs, **options):
        if (task, name) not in self.pipelines:
            pipe = pipeline(task, model=str(FIXTURES / "tiny" / name), device="cpu")
            if task == "text-generation":
                pipe.tokenizer.padding_side = "left"
            self.pipelines[task, name] = pipe
        answer = self.pipelines[task, name](inputs, **options)
        self.cases.append({"task": task, "model": f"tiny/{name}", "input": inputs,
                           "options": {camel(key): value for key, value in options.items()}, "answer": plain(answer)})


ALICE = "Alice was beginning to get very tired of sitting by her sister on the bank."
TEXTS = ["Paris is", ALICE, "The film was wonderful, and", "Où est Zoë?", "Call me"]
USER = {"role": "user", "content": "Where does the Seine flow?"}
CHAT = [{"role": "system", "content": "You are kind."}, USER]
CONTINUED = [USER, {"role": "assistant", "content": "It flows"}]


def write_texts(record):
    def write(inputs, **options):
        record("text-generation", "llama-writer", inputs, do_sample=False, **options)

    for text in TEXTS:
        write(text, max_new_tokens=10)
    write(ALICE)
    write(TEXTS, max_new_tokens=10)
    write(TEXTS, max_new_tokens=10, batch_size=3)
    write(TEXTS, max_new_tokens=10, batch_size=5, return_full_text=False)
    write(TEXTS[:2], max_new_tokens=8, num_beams=4, num_return_sequences=3)
    write(TEXTS[:3], max_new_tokens=8, num_beams=3, num_return_sequences=2, batch_size=3)
    write(TEXTS[0], max_new_tokens=6, return_tensors=True)
    write(TEXTS[0], max_new_tokens=6, return_full_text=False, skip_special_tokens=False)
    write(TEXTS[2], max_new_tokens=8, clean_up_tokenization_spaces=False)
    write(TEXTS[0], max_new_tokens=8, prefix="Berlin is the capital of Germany. ")
    write(TEXTS[0], max_new_tokens=240, handle_long_generation="hole", prefix=ALICE)
    write(TEXTS[0], max_new_tokens=8, stop_sequence="a")
    write(ALICE, max_new_tokens=6, truncation=True, max_length=8)
    write(TEXTS[1], max_new_tokens=8, add_special_tokens=False)
    write(TEXTS[1], max_new_tokens=8, repetition_penalty=1.5, no_repeat_ngram_size=2)
    write(CHAT, max_new_tokens=8)
    write([CHAT, [USER]], max_new_tokens=8)
    write([CHAT, [USER], CONTINUED], max_new_tokens=8, batch_size=3)
    write(CONTINUED, max_new_tokens=8)
    write(CHAT, max_new_tokens=8, return_full_text=False)
    write(CHAT, max_new_tokens=5, num_beams=2, num_return_sequences=2)
    write(CHAT, max_new_tokens=5, return_tensors=True)


def write_from_texts(record):
    record("text2text-generation", "t5-tasks", ALICE, max_new_tokens=10)
    record("text2text-generation", "t5-tasks", TEXTS, max_new_tokens=10)
    record("text2text-generation", "t5-tasks", TEXTS, max_new_tokens=10, batch_size=4, num_beams=1)
    record("text2text-generation", "t5-tasks", TEXTS[:2], max_new_tokens=8, num_return_sequences=2)
    record("text2text-generation", "t5-tasks", TEXTS[:2], max_new_tokens=8, num_return_sequences=2, batch_size=2)
    record("text2text-generation", "t5-tasks", ALICE, max_new_tokens=8, return_tensors=True)
    record("text2text-generation", "t5-tasks", ALICE, max_new_tokens=8, stop_sequence="a")
    record("summarization", "t5-tasks", ALICE)
    record("summarization", "t5-tasks", TEXTS, batch_size=2)
    record("summarization", "t5-tasks", ALICE, min_length=12, max_length=16, max_new_tokens=14)
    for language in ["de", "fr"]:
        record(f"translation_en_to_{language}", "t5-tasks", ALICE)
        record(f"translation_en_to_{language}", "t5-tasks", TEXTS, batch_size=5)
    record("translation", "t5-tasks", ALICE, max_new_tokens=12)
    languages = {"src_lang": "en_XX", "tgt_lang": "de_DE"}
    record("translation", "mbart-languages", ALICE, max_new_tokens=10, **languages)
    record("translation", "mbart-languages", TEXTS, max_new_tokens=10, batch_size=5, **languages)
    record("translation", "mbart-languages", ALICE, max_new_tokens=10, src_lang="fr_XX", tgt_lang="ro_RO", num_beams=1)
    record("translation", "m2m-languages", ALICE, max_new_tokens=10, src_lang="en", tgt_lang="fr")
    record("translation", "m2m-languages", TEXTS[:3], max_new_tokens=10, src_lang="zh", tgt_lang="de", batch_size=3)
    record("translation_en_to_ro", "m2m-languages", ALICE, max_new_tokens=6, num_beams=1, return_tensors=True)
    record("translation", "marian-pair", TEXTS[0])
    record("translation", "marian-pair", [">>fra<< All human beings are born free", *TEXTS], max_new_tokens=10, batch_size=3)
    record("translation_en_to_fr", "marian-pair", ALICE, max_new_tokens=12, num_beams=1)
    record("translation", "marian-pair", ALICE, max_new_tokens=6, return_tensors=True)
    record("text2text-generation", "marian-pair", TEXTS[:2], max_new_tokens=8, num_return_sequences=2)
    languages = {"src_lang": "eng_Latn", "tgt_lang": "fra_Latn"}
    record("translation", "nllb-languages", ALICE, max_new_tokens=10, **languages)
    record("translation", "nllb-languages", TEXTS, max_new_tokens=10, batch_size=3, num_beams=1, **languages)
    record("translation", "nllb-languages", ALICE, max_new_tokens=10, src_lang="zho_Hans", tgt_lang="deu_Latn", return_tensors=True)


def further():
    """What `return_dict_in_generate` gives beside a text, of each step's scores the first six."""
    write = pipeline("text-generation", model=str(FIXTURES / "tiny" / "llama-writer"), device="cpu")
    recorded = []
    for options in [{"output_scores": True, "output_logits": True, "repetition_penalty": 1.5}, {"num_beams": 2, "output_scores": True},
                    {"num_beams": 2, "num_return_sequences": 2, "output_scores": True}, {"output_hidden_states": True}]:
        options = {"max_new_tokens": 3, "do_sample": False, "return_dict_in_generate": True, **options}
        answer = write(TEXTS[0], **options)
        short = [{key: [step[:6] for step in value] if key in ("scores", "logits") else value for key, value in each.items()} for each in answer]
        recorded.append({"input": TEXTS[0], "options": {camel(key): value for key, value in options.items()}, "answer": short})
    return recorded


def configurations():
    """What pipelines make of a model's own generation configuration."""
    recorded = []
    own = [{}, {"temperature": 0.6, "top_p": 0.9, "do_sample": True}, {"max_length": 50}, {"max_new_tokens": 12},
           {"num_beams": 6, "length_penalty": 0.8}, {"max_length": 50, "max_new_tokens": 12}, {"pad_token_id": 0}]
    for task, name in [("text-generation", "llama-writer"), ("text2text-generation", "t5-tasks"),
                       ("summarization", "t5-tasks"), ("translation_en_to_fr", "t5-tasks")]:
        head, _, _, _ = MODELS[name]
        for values in own:
            model = head.from_pretrained(FIXTURES / "tiny" / name)
            model.generation_config = GenerationConfig(**values)
            pipe = pipeline(task, model=model, tokenizer=AutoTokenizer.from_pretrained(FIXTURES / "tiny" / name))
            known = pipe.generation_config.to_diff_dict()
            known.pop("transformers_version", None)
            recorded.append({"task": task, "model": f"tiny/{name}", "own": values, "config": known})
    return recorded


if __name__ == "__main__":
    write_models()
    record = Recorder()
    with torch.no_grad():
        write_texts(record)
        write_from_texts(record)
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in record.cases)
    configs = ",\n".join(json.dumps(each) for each in configurations())
    (FIXTURES / "writing.json").write_text(
        f'{{"cases": [\n{lines}\n],\n"further": {json.dumps(further(), ensure_ascii=False)},\n"configurations": [\n{configs}\n]}}\n', encoding="utf-8")
