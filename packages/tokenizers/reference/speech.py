"""Records what Transformers' tokenizers of speech make of ids and of texts: Whisper's transcripts, Wav2Vec2's characters, and the
normalizers that word error rates are counted with.

    HF_HUB_OFFLINE=1 python speech.py

needs transformers 4.57.6 and tokenizers 0.22. The vocabulary is a small one, trained here; the ids are drawn with a seed.
"""

import json
import random
import tempfile
from pathlib import Path

import torch
from tokenizers import ByteLevelBPETokenizer
from transformers import Wav2Vec2CTCTokenizer, WhisperTokenizerFast
from transformers.models.whisper.english_normalizer import BasicTextNormalizer, EnglishTextNormalizer
from transformers.models.whisper.tokenization_whisper import LANGUAGES

from fixtures import write, FIXTURES

SENTENCES = [
    " And so, my fellow Americans, ask not what your country can do for you.",
    ' "Ask what you can do for your country," he said; (quietly).',
    " It is twenty-first century music: naïve, isn't it? Yes!",
    " 人人生而自由，在尊严和权利上一律平等。",
    " すべての人間は、生まれながらにして自由であり",
]
TEXTS = [
    "It's Mr. Brown's twenty-first colour, isn't it?",
    "[noise] (laughs) Umm, he won't pay £5 and 20 cents... or $20 million, or €2.50!",
    "one hundred and twenty three thousand four hundred and five",
    "nineteen eighty four; two thousand and one; one oh one; triple seven",
    "two and a half percent, 3.5 per cent, minus five, twenty-twos and the sixties",
    "the 1960s, the 274th, 32nd & 3rd; point five; five point two; zero",
    "Dr. Müller's café — naïve œuvre, straße, Þór, ½ ﬁne",
    "a million and a half, fifty cents, two dollars and seven cents, ten pounds",
    "Y'all gonna wanna see I'ma do it, ma'am. He'd been, she's gone, they'd done it: I've got 1,000,000.",
    "double oh seven, double trouble, the point is, and five, ninth and twelfth, nineteen ninety nines",
    "Prof. Št̃ěpán  's prêt-à-porter stéphane",
    "人人生而自由, 日本語 テキスト ไทย שָׁלוֹם",
    "",
    "one one two hundred fifty million seconds three quarters 1 and 1s $0.05 ¢7 £3 and ¢5",
    "positive vibes plus minus plus 4, negative 20 degrees; per se; four hundred thousandth",
]
SPELLINGS = {"colour": "color", "centre": "center", "grey": "gray"}


def normalized():
    english = EnglishTextNormalizer(SPELLINGS)
    basic = [BasicTextNormalizer(), BasicTextNormalizer(remove_diacritics=True), BasicTextNormalizer(split_letters=True)]
    return {
        "spellings": SPELLINGS,
        "texts": [[text, english(text), *(normalize(text) for normalize in basic)] for text in TEXTS],
    }


def whisper_tokenizer(folder):
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(SENTENCES * 2, vocab_size=330, min_frequency=2, show_progress=False)
    trained.save_model(folder)
    special = [
        "<|endoftext|>",
        "<|startoftranscript|>",
        *(f"<|{code}|>" for code in LANGUAGES),
        "<|translate|>",
        "<|transcribe|>",
        "<|startoflm|>",
        "<|startofprev|>",
        "<|nospeech|>",
        "<|notimestamps|>",
    ]
    times = [f"<|{i * 0.02:.2f}|>" for i in range(1501)]
    size = trained.get_vocab_size()
    added = {token: size + i for i, token in enumerate(special + times)}
    Path(folder, "added_tokens.json").write_text(json.dumps(added))
    config = {"tokenizer_class": "WhisperTokenizer", "additional_special_tokens": special, "unk_token": "<|endoftext|>"}
    Path(folder, "tokenizer_config.json").write_text(json.dumps(config))
    return WhisperTokenizerFast.from_pretrained(folder)


def whisper(folder):
    tokenizer = whisper_tokenizer(folder)
    chance = random.Random(7)
    ids = {name: tokenizer.convert_tokens_to_ids(f"<|{name}|>") for name in ["0.00", "en", "ja", "fr"]}
    ids |= {
        name: tokenizer.convert_tokens_to_ids(f"<|{name}|>")
        for name in ["endoftext", "startoftranscript", "transcribe", "notimestamps", "startofprev"]
    }
    texts = [tokenizer(sentence, add_special_tokens=False).input_ids for sentence in SENTENCES]

    def head(language, timed):
        return [ids["startoftranscript"], ids[language], ids["transcribe"], *([] if timed else [ids["notimestamps"]])]

    def stamp(seconds):
        return ids["0.00"] + round(seconds / 0.02)

    def segments(parts, start=0.0, pause=0.0):
        tokens, time = [], start
        for part in parts:
            tokens.append(stamp(time))
            tokens += part
            time = round(time + 0.04 * chance.randint(20, 90), 2)
            tokens.append(stamp(min(time, 30)))
            time = round(min(time + pause, 30), 2)
        return tokens

    def timed(tokens):
        time, times = 0.0, []
        for _ in tokens:
            time = round(time + 0.02 * chance.randint(0, 20), 2)
            times.append(time)
        return times

    english, quoted, century, chinese, japanese = texts
    plain = head("en", False) + english + [ids["endoftext"]]
    two = head("en", True) + segments([english, quoted]) + [ids["endoftext"]]
    # A long recording: time begins anew, after a pair of timestamps, and after one alone.
    long = segments([english, quoted], 20.0) + segments([century], 2.0) + segments([chinese], 0.0) + segments([english])
    open_end = head("en", True) + segments([century]) + [stamp(4.0)] + english
    broken = head("ja", False) + japanese[:-1] + [ids["endoftext"]]
    prompt = [ids["startofprev"], *century] + two
    # Overlapping pieces of 30 s with 5 s on both sides.
    left = head("en", True) + segments([english, quoted], 0.0) + [stamp(26.0)] + century[:9] + [stamp(29.0), ids["endoftext"]]
    right = head("en", True) + [stamp(1.0)] + century + [stamp(6.5)] + segments([quoted], 7.0) + [ids["endoftext"]]
    flat_left = head("en", False) + english + quoted[:8] + [ids["endoftext"]]
    flat_right = head("en", False) + english[-4:] + quoted + century + [ids["endoftext"]]
    flat_french = head("fr", False) + century + [ids["endoftext"]]

    decoded = []
    for tokens in [plain, two, long, open_end, broken, prompt]:
        for options in [
            {},
            {"skip_special_tokens": True},
            {"decode_with_timestamps": True},
            {"decode_with_timestamps": True, "skip_special_tokens": True},
            {"output_offsets": True},
        ]:
            decoded.append({"ids": tokens, "options": options, "decoded": tokenizer.decode(tokens, **options)})

    first, second, last = (30.0, 0.0, 5.0), (30.0, 5.0, 5.0), (12.5, 5.0, 0.0)
    outputs = [
        [(plain, None)],
        [(two, None)],
        [(long, None)],
        [(open_end, None)],
        [(broken, None)],
        [(prompt, None)],
        [(left, first), (right, last)],
        [(left, first), (right, second), (right, last)],
        [(flat_left, first), (flat_right, last)],
        [(flat_left, first), (flat_french, second), (flat_right, last)],
        [(head("en", True) + [ids["endoftext"]], first), (two, last)],
        [(head("en", True) + segments([japanese, chinese], 0, 0.5) + [ids["endoftext"]], (30.0, 0.0, 1.6666666666666667)),
         (head("ja", True) + segments([chinese, japanese], 0.4) + [ids["endoftext"]], (20.0, 1.6666666666666667, 0.0))],
    ]
    transcripts = []
    for pieces in outputs:
        times = [timed(tokens) for tokens, _ in pieces]
        answers = []
        for timestamps in [False, True, "word"]:
            for language in [False, True]:
                given = []
                for (tokens, stride), when in zip(pieces, times):
                    output = {"tokens": torch.tensor([tokens])}
                    if timestamps == "word":
                        output["token_timestamps"] = torch.tensor([when], dtype=torch.float64)
                    if stride is not None:
                        output["stride"] = stride
                    given.append(output)
                text, optional = tokenizer._decode_asr(
                    given, return_timestamps=timestamps, return_language=language, time_precision=0.02
                )
                answers.append({"timestamps": timestamps, "language": language, "transcript": {"text": text, **optional}})
        transcripts.append(
            {
                "outputs": [
                    {"tokens": tokens, "token_timestamps": when, **({"stride": stride} if stride else {})}
                    for (tokens, stride), when in zip(pieces, times)
                ],
                "answers": answers,
            }
        )
    prompts = [
        [{"language": language, "task": task, "noTimestamps": silent}, tokenizer.get_decoder_prompt_ids(task, language, silent)]
        for language, task, silent in [("french", "transcribe", True), ("ja", "translate", False), (None, None, True)]
    ]
    tokenizer = whisper_tokenizer(folder)
    return {
        "vocab": json.loads(Path(folder, "vocab.json").read_text()),
        "merges": Path(folder, "merges.txt").read_text(),
        "config": json.loads(Path(folder, "tokenizer_config.json").read_text()),
        "decoded": decoded,
        "transcripts": transcripts,
        "decoderPromptIds": prompts,
        "promptIds": [text := " Mr. Quilter, naïve ", tokenizer.get_prompt_ids(text).tolist()],
    }


CHARACTERS = ["<pad>", "<s>", "</s>", "<unk>", "|", *"ETAONIHSRDLUMWCFGYPBVK'XJQZ"]


def ctc(folder):
    chance = random.Random(11)
    vocabularies = {
        "letters": ({letter: i for i, letter in enumerate(CHARACTERS)}, {}),
        "lower": ({letter: i for i, letter in enumerate(CHARACTERS)}, {"do_lower_case": True}),
        "phonemes": (
            {"[PAD]": 0, "|": 1, "aː": 2, "b": 3, "tʃ": 4, "d": 5, "[UNK]": 6},
            {"pad_token": "[PAD]", "unk_token": "[UNK]"},
        ),
        "languages": ({"eng": {"a": 4, "b": 5, "|": 6, "<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3}, "deu": {"ä": 4, "b": 5, "|": 6, "<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3}}, {"target_lang": "deu"}),
    }
    answers = []
    for name, (vocab, options) in vocabularies.items():
        Path(folder, "vocab.json").write_text(json.dumps(vocab))
        tokenizer = Wav2Vec2CTCTokenizer(f"{folder}/vocab.json", **options)
        size = len(vocab["deu"] if name == "languages" else vocab)
        ids = [chance.randrange(size) for _ in range(40) for _ in range(chance.randint(1, 3))]
        ids += [0, 0, 5, 5, 0, 5, 4 % size, 4 % size, 5]
        calls = [
            {},
            {"skip_special_tokens": True},
            {"group_tokens": False},
            {"spaces_between_special_tokens": True},
            {"output_char_offsets": True, "output_word_offsets": True},
        ]
        decoded = []
        for call in calls:
            made = tokenizer.decode(ids, **call)
            if not isinstance(made, str):
                made = {
                    "text": made.text,
                    "char_offsets": [{**o, "start_offset": int(o["start_offset"]), "end_offset": int(o["end_offset"])} for o in made.char_offsets],
                    "word_offsets": [{**o, "start_offset": int(o["start_offset"]), "end_offset": int(o["end_offset"])} for o in made.word_offsets],
                }
            decoded.append([call, made])
        texts = ["HELLO WORLD", "it's a  test", "aːb tʃ d", "äb b", "<s> A <pad>B", "", "É?"]
        if name == "languages":  # a language that is set later is the same
            switched = Wav2Vec2CTCTokenizer(f"{folder}/vocab.json", target_lang="eng")
            assert switched("äb").input_ids != tokenizer("äb").input_ids
            switched.set_target_lang("deu")
            assert all(switched.decode(ids, **call) == tokenizer.decode(ids, **call) for call in calls)
            assert all(switched(text).input_ids == tokenizer(text).input_ids for text in texts)
        answers.append(
            {
                "name": name,
                "vocab": vocab,
                "options": options,
                "ids": ids,
                "decoded": decoded,
                "texts": [[text, tokenizer(text).input_ids] for text in texts],
            }
        )
    return answers


with tempfile.TemporaryDirectory() as folder:
    write(FIXTURES / "speech.json", {"normalized": normalized(), "whisper": whisper(folder), "ctc": ctc(folder)})
