"""Record what Python's pipeline says of the speech that the demo `listen` is given, as the truth for listen.e2e.ts.

Run it with:  HF_HUB_OFFLINE=1 python e2e/demos/listen.py
after packages/webformers/reference/sound.py (transformers 4.57.6, torch, CPU). It writes e2e/demos/listen.json.
"""

import json
import wave
from pathlib import Path

import numpy as np
import torch
from transformers import logging, pipeline

logging.set_verbosity_error()
torch.set_num_threads(1)

HERE = Path(__file__).parent
PACKAGES = HERE.parent.parent / "packages"
RATE = 16000

with wave.open(str(PACKAGES / "processors/src/audio/fixture/speech.wav")) as file:
    speech = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.float32) / 32768


def quietest(samples):
    """Where the demo ends a passage: in the middle of the quietest 0.2 seconds of its last third."""
    first = len(samples) * 2 // 3
    energies = [np.sum(samples[at : at + 160].astype(np.float64) ** 2) for at in range(first, len(samples) - 159, 160)]
    sums = [sum(energies[i : i + 20]) for i in range(len(energies) - 19)]
    return first + (int(np.argmin(sums)) + 10) * 160


transcribe = pipeline("automatic-speech-recognition", model=str(PACKAGES / "webformers/fixtures/tiny/whisper-writer"), device="cpu")
longest = 2 * RATE  # what that model takes


def words(**manner):
    told, start = [], 0
    while start < len(speech):
        full = start + longest < len(speech)
        end = start + (quietest(speech[start : start + longest]) if full else longest)
        part = speech[start:end]
        given = {"num_beams": 1, "no_speech_threshold": 0.6, "logprob_threshold": -1.0, "temperature": 0.0, **manner}
        answer = transcribe(part.copy(), return_timestamps="word", generate_kwargs=given)
        for chunk in answer["chunks"]:
            if chunk["text"].strip():
                begin, stop = chunk["timestamp"]
                times = [begin or 0, len(part) / RATE if stop is None else stop]
                told.append({"text": chunk["text"], "times": [round(time + start / RATE, 6) for time in times]})
        start = end
    return told


cases = {
    "found": words(task="transcribe"),
    "translated": words(language="fr", task="translate"),
}
(HERE / "listen.json").write_text(json.dumps(cases, ensure_ascii=False, indent=1) + "\n")
