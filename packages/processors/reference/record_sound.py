"""Records what transformers 4.57.6 and torchaudio make of a piece of speech, for the tests of `src/audio`.

    python record_sound.py jfk.wav

with transformers==4.57.6, torch==2.13.0, torchaudio==2.11.0 (whose compiled library is not needed: delete the folder `lib` of the
package where it does not load), soxr, soundfile and imageio-ffmpeg. `jfk.wav` is the one of the npm package nodejs-whisper: a part of
J. F. Kennedy's inaugural address, in the public domain. Writes `../src/audio/fixture/speech.wav`, its first two and a half seconds, and
`../src/audio/fixture/sound.json` and `files.json`; prints how far the implementations in Python are from each other.

Large answers are thinned out: every STEP-th value of the axis of time is kept.
"""

import base64
import io
import json
import subprocess
import sys
import tempfile
import wave
from pathlib import Path
from unittest.mock import patch

import imageio_ffmpeg
import numpy as np
import soundfile
import torch
import torchaudio
from transformers import (
    ASTFeatureExtractor,
    ClapFeatureExtractor,
    Wav2Vec2FeatureExtractor,
    WhisperFeatureExtractor,
)

FIXTURE = Path(__file__).parent.parent / "src" / "audio" / "fixture"
SECONDS = 2.5
STEP = 17
SAMPLE_STEP = 97
# What stands for chance.
CHANCE = 0.37


def pack(values, axis=None, step=STEP):
    values = np.asarray(values, dtype=np.float32)
    shape = list(values.shape)
    if axis is not None:
        values = np.take(values, range(0, shape[axis], step), axis=axis)
    data = base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()
    return {"shape": shape, "axis": axis, "step": step, "data": data}


def difference(a, b):
    return float(np.abs(np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)).max())


def write_speech(path):
    with wave.open(path) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16000, 1, 2)
        frames = file.readframes(int(SECONDS * 16000))
    with wave.open(str(FIXTURE / "speech.wav"), "wb") as file:
        file.setframerate(16000)
        file.setnchannels(1)
        file.setsampwidth(2)
        file.writeframes(frames)
    return np.frombuffer(frames, dtype="<i2").astype(np.float32) / 32768


def whisper(speech):
    def features(extractor, **options):
        return extractor(speech, sampling_rate=16000, return_tensors="np", **options)

    plain = WhisperFeatureExtractor()
    torch_features = features(plain)["input_features"]
    with patch("transformers.models.whisper.feature_extraction_whisper.is_torch_available", lambda: False):
        print("Whisper, torch and numpy:", difference(torch_features, features(plain)["input_features"]))
    whole = features(plain, truncation=False, padding="longest", return_attention_mask=True)
    batch = plain(
        [speech, speech[:16000]],
        sampling_rate=16000,
        padding="longest",
        truncation=False,
        return_tensors="np",
        return_attention_mask=True,
        return_token_timestamps=True,
    )
    short = torch_features[:, :, : int(SECONDS * 100) + 10]
    return {
        "plain": pack(short, axis=2),
        # Silence follows.
        "silence": float(torch_features[0, 0, -1]),
        "same": bool((torch_features[0, :, -1000:] == torch_features[0, 0, -1]).all()),
        "mels": pack(features(WhisperFeatureExtractor(feature_size=128))["input_features"][:, :, :260], axis=2),
        "normalized": pack(features(plain, do_normalize=True)["input_features"][:, :, :260], axis=2),
        "longest": pack(whole["input_features"], axis=2),
        "batch": pack(batch["input_features"], axis=2),
        "mask": np.asarray(batch["attention_mask"]).sum(-1).tolist(),
        "frames": [int(n) for n in batch["num_frames"]],
    }


def wav2vec2(speech):
    short = speech[:16000]
    batch = [speech, short]
    masked = Wav2Vec2FeatureExtractor(return_attention_mask=True)(
        batch, sampling_rate=16000, padding=True, return_tensors="np"
    )
    plain = Wav2Vec2FeatureExtractor()
    cut = plain(
        batch, sampling_rate=16000, padding="max_length", max_length=20000, truncation=True, return_tensors="np"
    )
    return {
        "one": pack(plain(speech, sampling_rate=16000, return_tensors="np")["input_values"], 1, SAMPLE_STEP),
        "masked": pack(masked["input_values"], 1, SAMPLE_STEP),
        "mask": masked["attention_mask"].sum(-1).tolist(),
        "cut": pack(cut["input_values"], 1, SAMPLE_STEP),
        "multiple": list(
            plain(speech, sampling_rate=16000, padding=True, pad_to_multiple_of=1024, return_tensors="np")[
                "input_values"
            ].shape
        ),
    }


def ast(speech):
    def features():
        extractor = ASTFeatureExtractor()
        return extractor(speech, sampling_rate=16000, return_tensors="np")["input_values"]

    module = "transformers.models.audio_spectrogram_transformer.feature_extraction_audio_spectrogram_transformer"
    with_torchaudio = features()
    with patch(f"{module}.is_speech_available", lambda: False):
        with_numpy = features()
    print("AST, torchaudio and numpy:", difference(with_torchaudio, with_numpy))
    frames = int(SECONDS * 100) + 6
    return {
        "torchaudio": pack(with_torchaudio[:, :frames], axis=1),
        "numpy": pack(with_numpy[:, :frames], axis=1),
        "padding": float(with_torchaudio[0, -1, 0]),
    }


def clap(speech):
    long = np.tile(speech, 13)[:500_000]

    def features(sound, **options):
        extractor = ClapFeatureExtractor(**options)
        with (
            patch("numpy.random.randint", lambda low, high: low + int(CHANCE * (high - low))),
            patch("numpy.random.choice", lambda places: places[int(CHANCE * len(places))]),
        ):
            made = extractor(sound, sampling_rate=48000, return_tensors="np")
        return {
            "input_features": pack(made["input_features"], axis=2, step=143),
            "is_longer": np.asarray(made["is_longer"]).tolist(),
        }

    return {
        "fused long": features(long),
        "fused short": features(speech),
        "cut long": features(long, truncation="rand_trunc"),
        "cut short": features(speech, truncation="rand_trunc"),
        "padded short": features(speech, truncation="rand_trunc", padding="pad"),
        "repeated short": features(speech, truncation="rand_trunc", padding="repeat"),
    }


def resampled(speech):
    # The speech as if it had been recorded at the first rate.
    rates = [(16000, 8000), (16000, 48000), (44100, 16000), (48000, 16000), (22050, 16000), (16000, 44100), (11025, 16000)]
    answers = []
    for before, after in rates:
        made = torchaudio.functional.resample(torch.from_numpy(speech), before, after).numpy()
        answers.append({"from": before, "to": after, "samples": pack(made, 0, SAMPLE_STEP)})
        try:
            import soxr

            other = soxr.resample(speech, before, after, quality="HQ")
            length = min(len(other), len(made))
            print(f"{before} → {after}, torchaudio and soxr HQ:", difference(made[:length], other[:length]))
        except ImportError:
            pass
    return answers


WAV = ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"]
# Kinds of compressed files: a container, a codec, and a rate.
COMPRESSED = [
    ("flac", "flac", 22050),
    ("mp3", "libmp3lame", 16000),
    ("mp3", "libmp3lame", 44100),
    ("ogg", "libvorbis", 32000),
    ("ogg", "libopus", 16000),
    ("m4a", "aac", 44100),
    ("aac", "aac", 24000),
    ("webm", "libopus", 48000),
    ("webm", "libvorbis", 22050),
]


def wav_files(speech):
    """Two channels, of which the second is the first one backwards."""
    part = speech[20000:20090]
    stereo = np.stack([part, part[::-1] * 0.5], axis=1)
    files = []
    for subtype in WAV:
        for container in ["WAV", "WAVEX"]:
            buffer = io.BytesIO()
            soundfile.write(buffer, stereo, 12345, format=container, subtype=subtype)
            buffer.seek(0)
            read, rate = soundfile.read(buffer, dtype="float32")
            files.append(
                {
                    "name": f"{container} {subtype}",
                    "rate": rate,
                    "file": base64.b64encode(buffer.getvalue()).decode(),
                    "mono": pack(read.mean(axis=1), 0, 1),
                }
            )
    return files


def compressed_files(speech):
    """A quarter of a second, as ffmpeg reads it again at the file's own rate."""
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y"]
    files = []
    with tempfile.TemporaryDirectory() as folder:
        original = f"{folder}/speech.wav"
        soundfile.write(original, speech[19200:23200], 16000)
        for container, codec, rate in COMPRESSED:
            path = f"{folder}/speech.{container}"
            subprocess.run([*ffmpeg, "-i", original, "-ar", str(rate), "-c:a", codec, path], check=True)
            own = 48000 if codec == "libopus" else rate
            read = subprocess.run(
                [*ffmpeg, "-i", path, "-ar", str(own), "-ac", "1", "-f", "f32le", "-"], check=True, capture_output=True
            ).stdout
            files.append(
                {
                    "name": f"{container} {codec} {rate}",
                    "rate": own,
                    "file": base64.b64encode(Path(path).read_bytes()).decode(),
                    "samples": pack(np.frombuffer(read, dtype="<f4"), 0, 23),
                }
            )
    return files


def saved():
    classes = (ASTFeatureExtractor, ClapFeatureExtractor, Wav2Vec2FeatureExtractor, WhisperFeatureExtractor)
    return {kind.__name__: kind().to_json_string() for kind in classes}


FIXTURE.mkdir(parents=True, exist_ok=True)
speech = write_speech(sys.argv[1])
record = {
    "chance": CHANCE,
    "whisper": whisper(speech),
    "wav2vec2": wav2vec2(speech),
    "ast": ast(speech),
    "clap": clap(speech),
    "resampled": resampled(speech),
    "saved": saved(),
}
(FIXTURE / "sound.json").write_text(json.dumps(record, indent=1) + "\n")
files = {"wav": wav_files(speech), "compressed": compressed_files(speech)}
(FIXTURE / "files.json").write_text(json.dumps(files, indent=1) + "\n")
