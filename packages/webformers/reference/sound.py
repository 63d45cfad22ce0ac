"""Record what Python's pipelines say of sound, as the truth for packages/webformers (transformers 4.57.6, torch, CPU).

Writes, under packages/webformers/fixtures:
    tiny/<name>/...   tiny random models that hear, laid out as repositories of the Hub
    sound.json        cases (task, model, options, answer) about the speech of packages/processors

Run it with:  HF_HUB_OFFLINE=1 python packages/webformers/reference/sound.py
after packages/processors/reference/record_sound.py and packages/tokenizers/reference/speech.py. Option names in camelCase, as
webformers spells them.
"""

import json
import re
import wave
from pathlib import Path

import numpy as np
import torch
from transformers import (
    ASTConfig,
    ASTFeatureExtractor,
    ASTForAudioClassification,
    ClapConfig,
    ClapFeatureExtractor,
    ClapModel,
    AutoTokenizer,
    GenerationConfig,
    Wav2Vec2Config,
    Wav2Vec2CTCTokenizer,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForCTC,
    Wav2Vec2ForSequenceClassification,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
    WhisperProcessor,
    WhisperTokenizerFast,
    logging,
    pipeline,
)

logging.set_verbosity_error()
torch.set_num_threads(1)

HERE = Path(__file__).parent
FIXTURES = HERE.parent / "fixtures"
TINY = FIXTURES / "tiny"
PACKAGES = HERE.parent.parent
LETTERS = ["<pad>", "<s>", "</s>", "<unk>", "|", *"ETAONIHSRDLUMWCFGYPBVK'XJQZ"]
CODES = ["en", "de", "fr", "ja"]


def speech():
    with wave.open(str(PACKAGES / "processors/src/audio/fixture/speech.wav")) as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.float32) / 32768


def random_weights(model, seed, scale=0.25):
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name and name.endswith("weight"):
                parameter.copy_(1 + 0.1 * torch.randn_like(parameter))
            elif "positions" not in name or "decoder" in name:
                parameter.copy_(scale * torch.randn_like(parameter))
    return model.eval()


RAW = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "conv_dim": [8, 8, 8],
    "conv_kernel": [10, 8, 4],
    "conv_stride": [8, 8, 5],
    "num_conv_pos_embeddings": 6,
    "num_conv_pos_embedding_groups": 2,
    "mask_time_prob": 0.0,
}


def letters():
    folder = TINY / "wav2vec2-letters"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({letter: i for i, letter in enumerate(LETTERS)}))
    tokenizer = Wav2Vec2CTCTokenizer(str(folder / "vocab.json"))
    model = Wav2Vec2ForCTC(Wav2Vec2Config(**RAW, vocab_size=len(LETTERS), pad_token_id=0))
    random_weights(model, 3, 0.5)
    with torch.no_grad():
        # Spaces, and nothing at all, are heard often.
        model.lm_head.bias[0] += 1.2
        model.lm_head.bias[4] += 3.5
    extractor = Wav2Vec2FeatureExtractor()
    for part in (model, tokenizer, extractor):
        part.save_pretrained(folder)
    return folder


def words():
    folder = TINY / "wav2vec2-words"
    names = dict(enumerate(["yes", "no", "up", "down", "left", "right", "go"]))
    config = Wav2Vec2Config(**RAW, id2label=names, label2id={v: k for k, v in names.items()}, classifier_proj_size=9)
    random_weights(Wav2Vec2ForSequenceClassification(config), 5).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(return_attention_mask=True).save_pretrained(folder)
    return folder


def sounds():
    folder = TINY / "ast-sounds"
    names = dict(enumerate(["speech", "music", "dog", "rain"]))
    size = {"max_length": 120, "num_mel_bins": 16}
    config = ASTConfig(
        **size,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=24,
        patch_size=8,
        frequency_stride=6,
        time_stride=8,
        id2label=names,
        label2id={v: k for k, v in names.items()},
    )
    random_weights(ASTForAudioClassification(config), 7).save_pretrained(folder)
    ASTFeatureExtractor(**size).save_pretrained(folder)
    return folder


def writer():
    """Whisper whose pieces are of two seconds."""
    folder = TINY / "whisper-writer"
    folder.mkdir(parents=True, exist_ok=True)
    recorded = json.loads((PACKAGES / "tokenizers/fixtures/speech.json").read_text())["whisper"]
    (folder / "vocab.json").write_text(json.dumps(recorded["vocab"], ensure_ascii=False))
    (folder / "merges.txt").write_text(recorded["merges"])
    special = [
        "<|endoftext|>",
        "<|startoftranscript|>",
        *(f"<|{code}|>" for code in CODES),
        "<|translate|>",
        "<|transcribe|>",
        "<|startoflm|>",
        "<|startofprev|>",
        "<|nospeech|>",
        "<|notimestamps|>",
    ]
    size = len(recorded["vocab"])
    times = [f"<|{i * 0.02:.2f}|>" for i in range(101)]
    ids = {token: size + i for i, token in enumerate(special + times)}
    (folder / "added_tokens.json").write_text(json.dumps(ids))
    config = {"tokenizer_class": "WhisperTokenizer", "additional_special_tokens": special, "unk_token": "<|endoftext|>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    tokenizer = WhisperTokenizerFast.from_pretrained(folder)
    assert len(tokenizer) == size + len(ids) and tokenizer.convert_tokens_to_ids("<|0.02|>") == ids["<|0.02|>"]
    end = ids["<|endoftext|>"]
    model = WhisperForConditionalGeneration(
        WhisperConfig(
            vocab_size=len(tokenizer),
            num_mel_bins=8,
            d_model=16,
            encoder_layers=1,
            decoder_layers=2,
            encoder_ffn_dim=24,
            decoder_ffn_dim=24,
            encoder_attention_heads=2,
            decoder_attention_heads=2,
            max_source_positions=100,
            max_target_positions=48,
            pad_token_id=end,
            bos_token_id=end,
            eos_token_id=end,
            decoder_start_token_id=ids["<|startoftranscript|>"],
            suppress_tokens=[],
            begin_suppress_tokens=None,
            median_filter_width=3,
        )
    )
    random_weights(model, 11, 0.4)
    model.generation_config = GenerationConfig(
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
        decoder_start_token_id=ids["<|startoftranscript|>"],
        max_length=24,
        alignment_heads=[[0, 1], [1, 0]],
        is_multilingual=True,
        lang_to_id={f"<|{code}|>": ids[f"<|{code}|>"] for code in CODES},
        task_to_id={task: ids[f"<|{task}|>"] for task in ("transcribe", "translate")},
        no_timestamps_token_id=ids["<|notimestamps|>"],
        prev_sot_token_id=ids["<|startofprev|>"],
        max_initial_timestamp_index=50,
    )
    model.save_pretrained(folder)
    WhisperProcessor(WhisperFeatureExtractor(feature_size=8, chunk_length=2), tokenizer).save_pretrained(folder)
    return folder


def clap():
    folder = TINY / "clap-sounds"
    tokenizer = AutoTokenizer.from_pretrained(TINY / "roberta-fill-mask")
    config = ClapConfig(
        text_config={
            "vocab_size": len(tokenizer),
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 24,
            "max_position_embeddings": 64,
            "projection_dim": 12,
            "pad_token_id": tokenizer.pad_token_id,
        },
        audio_config={
            "num_mel_bins": 16,
            "spec_size": 64,
            "window_size": 4,
            "patch_size": 4,
            "patch_stride": [4, 4],
            "hidden_size": 16,
            "patch_embeds_hidden_size": 8,
            "depths": [1, 1],
            "num_attention_heads": [2, 2],
            "enable_fusion": False,
            "projection_dim": 12,
            "num_hidden_layers": 2,
        },
        projection_dim=12,
    )
    model = random_weights(ClapModel(config), 13, 0.1)
    with torch.no_grad():
        model.logit_scale_a.fill_(np.log(400))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    ClapFeatureExtractor(
        feature_size=16, sampling_rate=16000, hop_length=160, max_length_s=2, fft_window_size=256,
        frequency_max=8000, truncation="rand_trunc",
    ).save_pretrained(folder)
    return folder


def snake(options):
    return {re.sub(r"[A-Z]", lambda match: "_" + match[0].lower(), name): value for name, value in options.items()}


def answer(run, sound, options):
    given = {name: tuple(value) if isinstance(value, list) and name == "stride_length_s" else value for name, value in snake(options).items()}
    return json.loads(json.dumps(run(sound.copy(), **given)))


ASKED = {
    "automatic-speech-recognition": {
        letters: [
            {},
            {"returnTimestamps": "char"},
            {"returnTimestamps": "word"},
            {"chunkLengthS": 1, "returnTimestamps": "word"},
            {"chunkLengthS": 0.8, "strideLengthS": [0.2, 0.1]},
        ],
        writer: [
            {"numBeams": 1},
            {"numBeams": 1, "returnTimestamps": True},
            {"numBeams": 1, "returnTimestamps": "word"},
            {"numBeams": 1, "language": "fr", "task": "translate", "returnLanguage": True},
            {"numBeams": 1, "chunkLengthS": 1.5, "strideLengthS": 0.25},
            {"numBeams": 1, "chunkLengthS": 1.5, "returnTimestamps": True, "returnLanguage": True},
            {"numBeams": 1, "chunkLengthS": 1.2, "returnTimestamps": "word", "language": "en"},
            {},
        ],
    },
    "audio-classification": {
        words: [{}, {"topK": 2}, {"topK": None, "functionToApply": "sigmoid"}, {"topK": 1, "functionToApply": "none"}],
        sounds: [{}, {"topK": 2}],
    },
    "zero-shot-audio-classification": {
        clap: [
            {"candidateLabels": ["a dog", "a person who speaks", "rain"]},
            {"candidateLabels": ["a dog", "rain"], "hypothesisTemplate": "One hears {}."},
        ],
    },
}

whole = speech()
cases = []
for task, models in ASKED.items():
    for make, asked in models.items():
        folder = make()
        run = pipeline(task, model=str(folder), device="cpu")
        # Of a model that writes, also what fits in one piece.
        sounds_given = [("whole", whole), ("short", whole[:24000])] if make is writer else [("whole", whole)]
        if make is clap:
            sounds_given = [("short", whole[:24000])]
        for name, sound in sounds_given:
            for options in asked:
                if name == "short" and "chunkLengthS" in options:
                    continue
                cases.append(
                    {
                        "task": task,
                        "model": f"tiny/{folder.name}",
                        "sound": name,
                        "options": options,
                        "answer": answer(run, sound, options),
                    }
                )
(FIXTURES / "sound.json").write_text(json.dumps({"cases": cases}, ensure_ascii=False, indent=1) + "\n")
