"""Records what transformers' pipeline writes with Whisper base about real speech, as whisper.json. Needs `node e2e/real/whisper.mjs` and
`node e2e/real/speech.mjs` first.

    pip install torch==2.13.0 transformers==4.57.6 soundfile
    HF_HUB_OFFLINE=1 python e2e/real/whisper_base.py

Greedily, in single precision. `errors` counts wrong words by the normalizer of Whisper's authors.
"""

import json
import wave
from pathlib import Path

import numpy as np
import torch
from transformers import pipeline
from transformers.models.whisper.english_normalizer import EnglishTextNormalizer

here = Path(__file__).parent
CACHE = here.parents[1] / ".cache"
MODEL = CACHE / "hub/speech/whisper-base"


def samples(path):
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (16000, 1)
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.float32) / 32768


def distance(truth, found):
    """How many words were changed, added, or left out."""
    row = list(range(len(found) + 1))
    for i, word in enumerate(truth):
        before, row[0] = row[0], i + 1
        for j, other in enumerate(found):
            before, row[j + 1] = row[j + 1], min(before + (word != other), row[j] + 1, row[j + 1] + 1)
    return row[-1]


transcribe = pipeline("automatic-speech-recognition", model=str(MODEL), dtype=torch.float32, device="cpu")
normalize = EnglishTextNormalizer(json.loads((MODEL / "normalizer.json").read_text()))
texts = json.loads((CACHE / "speech/librivox/transcription.json").read_text())
files = [("jfk/jfk.wav", None), *((f"librivox/{name}", text) for name, text in sorted(texts.items()))]
records, errors, words = [], 0, 0
for name, text in files:
    sound = samples(CACHE / "speech" / name)
    plain = transcribe(sound.copy(), num_beams=1)
    segments = transcribe(sound.copy(), num_beams=1, return_timestamps=True)
    timed = transcribe(sound.copy(), num_beams=1, return_timestamps="word")
    record = {"file": name, "read": text, "text": plain["text"], "segments": segments["chunks"], "words": timed["chunks"]}
    if text is not None:
        truth = normalize(text).split()
        record["errors"] = distance(truth, normalize(plain["text"]).split())
        errors, words = errors + record["errors"], words + len(truth)
    records.append(record)
# All of it: longer than the model sees at once.
long = np.concatenate([samples(CACHE / "speech" / name) for name, _ in files])
whole = transcribe(long.copy(), num_beams=1, return_timestamps=True)
pieces = transcribe(long.copy(), num_beams=1, chunk_length_s=20, return_timestamps=True)
record = {
    "errors": errors,
    "words": words,
    "files": records,
    "long": {"text": whole["text"], "segments": whole["chunks"]},
    "pieces": {"text": pieces["text"], "segments": pieces["chunks"]},
}
(here / "whisper.json").write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n")
print(f"{errors} of {words} words are wrong")
