"""Record what Python's processors make of texts, images and sound, as the truth for packages/webformers (transformers 4.57.6, torch).

Writes packages/webformers/fixtures/processors.json, of the tiny repositories there.

Run it after captioning.py, with the same packages:  HF_HUB_OFFLINE=1 python packages/webformers/reference/processors.py
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image
from transformers import AutoImageProcessor, AutoProcessor, AutoTokenizer, OwlViTProcessor, logging

logging.set_verbosity_error()
FIXTURES = Path(__file__).parent.parent / "fixtures"


def picture(width, height):
    """Any pixels that both sides can make."""
    values = [(7 * i + i * i // 13) % 256 for i in range(width * height * 3)]
    return Image.fromarray(np.array(values, dtype=np.uint8).reshape(height, width, 3))


def sound(length):
    return np.array([((i * 37) % 101 - 50) / 100 for i in range(length)], dtype=np.float32)


def told(features):
    """Tensors: their shapes, and their values: of floats, and of masks of pixels, about 100 all over."""
    answers = {}
    for name, value in features.items():
        if name in ("rows", "cols"):  # no input of a model
            continue
        value = np.asarray(value)
        every = max(1, value.size // 100) if value.dtype.kind == "f" or value.size > 1000 else 1
        values = [float(f"{x:.7g}") for x in value.reshape(-1)[::every].tolist()]
        answers[name] = {"shape": list(value.shape), "every": every, "values": values}
    return answers


def processor(name):
    opened = AutoProcessor.from_pretrained(FIXTURES / "tiny" / name)
    if hasattr(opened, "image_processor"):  # that which works with Pillow
        opened.image_processor = AutoImageProcessor.from_pretrained(FIXTURES / "tiny" / name, use_fast=False)
    return opened


POINTS = [
    {"inputPoints": [[[20, 10]]]},
    {"inputPoints": [[[20, 10], [5, 30]]], "inputLabels": [[1, 0]]},
    {"inputBoxes": [[[2, 3, 30, 20], [0, 0, 10, 10]]]},
    {"inputPoints": [[[[20, 10], [5, 30]], [[1, 2], [3, 4]]]], "inputLabels": [[[1, 0], [1, 1]]]},
]
NAMES = {"inputPoints": "input_points", "inputLabels": "input_labels", "inputBoxes": "input_boxes"}

CLASSES = [
    "clip-pairs", "sam-everything", "whisper-writer", "wav2vec2-letters", "clap-sounds", "blip-captions", "siglip-pairs", "trocr-lines",
    "donut-documents", "smolvlm-chat", "idefics3-chat",
]
SAID = [
    "<s_menu><s_nm>Latte</s_nm><s_price>4.50</s_price></s_menu>",
    "<s_menu><s_nm>Latte</s_nm><sep/><s_nm>Tea</s_nm></s_menu><s_price> 1 <sep/> 2 </s_price>",
    "<s_menu><s_nm>Latte</s_nm></s_menu><sep/><s_menu><s_nm>Tea</s_nm><s_sub><s_nm>Milk</s_nm></s_sub></s_menu>",
    "<s_class><invoice/></s_class><s_other><never/></s_other>",
    "<s_nm>no end <s_price>3</s_price> and what follows",
    "</s_nm><s_nm>x</s_nm>",
    "<s_a.b>(c)</s_a.b><S_X>y</s_x>",
    "<s_menu><s_nm></s_menu>",
    "nothing but words",
    "<s_without",
    "",
]
CHATS = [
    [{"role": "user", "content": [{"type": "image", "image": [40, 30]}, {"type": "text", "text": "What is this?"}]}],
    [
        {"role": "user", "content": [{"type": "text", "text": "One"}, {"type": "image", "image": [20, 50]}, {"type": "image", "image": [30, 30]}]},
        {"role": "assistant", "content": [{"type": "text", "text": " Two "}]},
    ],
]
# texts, and the sizes of the images of each; what the image processor is told
AMONG = [
    (["<image>What is this?"], [[40, 30]], {}),
    (["<image>What is this?"], [[40, 30]], {"do_image_splitting": False}),
    (["A <image>, and <image> are two."], [[40, 30], [20, 90]], {}),
    (["<image> a cat", "two <image><image> dogs are longer"], [[[30, 30]], [[90, 20], [40, 30]]], {}),
    (["A text alone", "and a second one"], None, {}),
]


def with_pictures(value):
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], int):
        return picture(*value)
    if isinstance(value, dict):
        return {key: with_pictures(each) for key, each in value.items()}
    return [with_pictures(each) for each in value] if isinstance(value, list) else value


def among_words(name):
    """Images among words, in texts and in chats."""
    joined = processor(name)
    answers = []
    for texts, sizes, options in AMONG:
        answer = joined(text=texts, images=with_pictures(sizes), images_kwargs=options, padding=True, **tensors)
        answers.append({"text": texts, "sizes": sizes, "options": options, "answer": told(answer)})
    chats = []
    for asked, options in [(CHATS[0], {"add_generation_prompt": True}), (CHATS[1], {"continue_final_message": True}), (CHATS, {"padding": True})]:
        tokens = {"tokenize": True, "return_dict": True, **tensors}
        template = {name: value for name, value in options.items() if name != "padding"}
        chats.append({
            "given": asked, "options": options, "text": joined.apply_chat_template(with_pictures(asked), **template),
            "answer": told(joined.apply_chat_template(with_pictures(asked), **options, **tokens)),
        })
    return {"texts": answers, "images alone": told(joined(images=[picture(40, 30)], **tensors)), "chats": chats}


clip = processor("clip-pairs")
sam = processor("sam-everything")
whisper = processor("whisper-writer")
wav2vec2 = processor("wav2vec2-letters")
texts = ["a cat", "a dog that barks"]
tensors = {"return_tensors": "np"}
blip, siglip, trocr, donut, clap = map(processor, ["blip-captions", "siglip-pairs", "trocr-lines", "donut-documents", "clap-sounds"])
record = {
    "classes": {name: type(processor(name)).__name__ for name in CLASSES},
    "clip": told(clip(text=texts, images=picture(40, 30), padding=True, **tensors)),
    "clip texts": told(clip(text=texts, padding=True, **tensors)),
    "sam": [
        {"given": given, "answer": told(sam(picture(40, 30), **{NAMES[k]: v for k, v in given.items()}, return_tensors="pt"))}
        for given in POINTS
    ],
    "sam padded": told(
        sam(
            [picture(40, 30), picture(20, 50)],
            input_points=[[[20, 10], [5, 30]], [[4, 4]]],
            input_labels=[[1, 0], [1]],
            return_tensors="pt",
        )
    ),
    "whisper": told(whisper(audio=sound(16000), text="Ask not", sampling_rate=16000, return_tensors="np")),
    "wav2vec2": told(
        wav2vec2(audio=[sound(900), sound(700)], text=["HELLO", "A B"], sampling_rate=16000, padding=True, return_tensors="np")
    ),
    "blip": told(blip(text=texts, images=[picture(40, 30), picture(20, 50)], padding=True, **tensors)),
    "blip texts": told(blip(text=texts, padding=True, **tensors)),
    "siglip": told(siglip(text=texts, images=picture(40, 30), padding="max_length", max_length=64, **tensors)),
    "trocr": told(trocr(text="a line", images=picture(40, 30), **tensors)),
    "trocr texts": told(trocr(text=texts, padding=True, **tensors)),
    "donut": told(donut(text="<s_menu><s_nm>tea</s_nm></s_menu>", images=picture(40, 90), **tensors)),
    "donut with marks": told(donut(text="tea", images=picture(40, 30), add_special_tokens=True, **tensors)),
    "donut texts": told(donut(text=texts, padding=True, **tensors)),
    "token2json": [[text, donut.token2json(text)] for text in SAID],
    "clap": told(clap(text=texts, audio=sound(32000), sampling_rate=16000, padding=True, **tensors)),
    "smolvlm-chat": among_words("smolvlm-chat"),
    "idefics3-chat": among_words("idefics3-chat"),
}
# The tiny repository has a tokenizer of BERT's, which Python's class would not take.
OwlViTProcessor.tokenizer_class = ("BertTokenizer", "BertTokenizerFast")
finder = FIXTURES / "tiny" / "owlvit-finder"
owlvit = OwlViTProcessor(AutoImageProcessor.from_pretrained(finder, use_fast=False), AutoTokenizer.from_pretrained(finder))
pictures = [picture(40, 30), picture(20, 50)]
record |= {
    "owlvit": told(owlvit(text=[["a cat", "service"], ["film"]], images=pictures, **tensors)),
    "owlvit, one text": told(owlvit(text="a cat", images=pictures[:1], **tensors)),
    "owlvit, by images": told(owlvit(images=pictures, query_images=pictures[::-1], **tensors)),
}
lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in record.items())
(FIXTURES / "processors.json").write_text(f"{{\n{lines}\n}}\n")
