"""Record what a Wav2Vec2 of two languages hears, as the truth for packages/webformers (transformers 4.57.6, torch, CPU).

Writes, under packages/webformers/fixtures:
    tiny/wav2vec2-languages/...   a tiny random model with an adapter for each language, laid out as a repository of the Hub
    languages.json                what is heard in the speech of packages/processors: text by language, in the order they were asked for

Run it with:  HF_HUB_OFFLINE=1 python packages/webformers/reference/languages.py
"""

import json
import wave
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import Wav2Vec2Config, Wav2Vec2CTCTokenizer, Wav2Vec2FeatureExtractor, Wav2Vec2ForCTC, Wav2Vec2Processor, logging

logging.set_verbosity_error()
torch.set_num_threads(1)

FIXTURES = Path(__file__).parent.parent / "fixtures"
FOLDER = FIXTURES / "tiny" / "wav2vec2-languages"
SPECIAL = ["<pad>", "<s>", "</s>", "<unk>", "|"]
VOCABULARIES = {name: {letter: i for i, letter in enumerate([*SPECIAL, *letters])} for name, letters in [("eng", "etaoinhsrdlu"), ("deu", "enisratdhuäöüß")]}


def speech():
    with wave.open(str(FIXTURES.parents[1] / "processors/src/audio/fixture/speech.wav")) as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.float32) / 32768


def write():
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "vocab.json").write_text(json.dumps(VOCABULARIES))
    tokenizer = Wav2Vec2CTCTokenizer(str(FOLDER / "vocab.json"), target_lang="eng")
    config = Wav2Vec2Config(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, conv_dim=[8, 8, 8], conv_kernel=[10, 8, 4],
        conv_stride=[8, 8, 5], num_conv_pos_embeddings=6, num_conv_pos_embedding_groups=2, mask_time_prob=0.0, do_stable_layer_norm=True,
        feat_extract_norm="layer", adapter_attn_dim=4, vocab_size=len(VOCABULARIES["eng"]), pad_token_id=0,
    )
    torch.manual_seed(3)
    model = Wav2Vec2ForCTC(config).eval()
    for parameter in model.parameters():
        if parameter.ndim > 1:
            parameter.data.normal_(0, 0.5)
    model.lm_head.bias.data[[0, 4]] += 1.5
    model.save_pretrained(FOLDER)
    Wav2Vec2Processor(Wav2Vec2FeatureExtractor(), tokenizer).save_pretrained(FOLDER)
    own = {name: weight.data for name, weight in model._get_adapters().items()}
    for language, vocabulary in VOCABULARIES.items():
        if language == "eng":
            adapter = own
        else:
            adapter = {name: torch.randn([len(vocabulary), *w.shape[1:]] if name.startswith("lm_head") else w.shape) * 0.5 for name, w in own.items()}
        save_file({name: weight.contiguous() for name, weight in adapter.items()}, FOLDER / f"adapter.{language}.safetensors")
    for file in FOLDER.glob("*"):
        file.chmod(0o644)


@torch.inference_mode()
def hear():
    processor = Wav2Vec2Processor.from_pretrained(FOLDER)
    model = Wav2Vec2ForCTC.from_pretrained(FOLDER).eval()
    inputs = processor(speech(), sampling_rate=16000, return_tensors="pt")
    heard = []
    for language in ["eng", "deu", "eng"]:
        if heard:
            processor.tokenizer.set_target_lang(language)
            model.load_adapter(language)
        logits = model(**inputs).logits
        heard.append([language, processor.batch_decode(logits.argmax(-1))[0], [float(f"{x:.6g}") for x in logits[0, 7].tolist()]])
    return heard


write()
heard = hear()
print(heard)
(FIXTURES / "languages.json").write_text(json.dumps({"heard": heard}, ensure_ascii=False, indent=1) + "\n")
