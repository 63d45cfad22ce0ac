"""Record what Python's pipelines write about images, as the truth for packages/webformers (transformers 4.57.6, torch, CPU).

Writes, under packages/webformers/fixtures:
    tiny/<name>/...     tiny random models that write about images, and one that compares them with texts, laid out as repositories
                        of the Hub
    captioning.json     cases: task, model, input, options, answer

Images are parts of the photograph of packages/processors (fixtures/images/cat.rgb): {"part": [left, top, right, bottom]}.
It needs pillow 12 (13 resizes otherwise), torchvision, num2words, sentencepiece and protobuf besides. Run it with:

    HF_HUB_OFFLINE=1 python packages/webformers/reference/captioning.py
"""

import json
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import transformers as t
from PIL import Image
from tokenizers import Tokenizer
from transformers.models.smolvlm.video_processing_smolvlm import SmolVLMVideoProcessor

t.logging.set_verbosity_error()
torch.set_num_threads(1)

FIXTURES = Path(__file__).parent.parent / "fixtures"
PACKAGES = FIXTURES.parents[1]
TOKENIZERS = PACKAGES / "tokenizers" / "fixtures"
cat = Image.frombytes("RGB", (160, 120), (PACKAGES / "processors" / "fixtures" / "images" / "cat.rgb").read_bytes())
WHOLE, FACE, STRIPE, TALL = ({"part": box} for box in ([0, 0, 160, 120], [20, 10, 117, 95], [0, 40, 160, 70], [40, 0, 70, 120]))

VIT = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24}
# As the checkpoints of SmolVLM have it.
TEMPLATE = (
    "<|im_start|>{% for message in messages %}{{message['role'] | capitalize}}{% if message['content'][0]['type'] == 'image' %}"
    "{{':'}}{% else %}{{': '}}{% endif %}{% for line in message['content'] %}{% if line['type'] == 'text' %}{{line['text']}}"
    "{% elif line['type'] == 'image' %}{{ '<image>' }}{% endif %}{% endfor %}<end_of_utterance>\n{% endfor %}"
    "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
)
IMAGE_TOKENS = {
    "image_token": "<image>",
    "fake_image_token": "<fake_token_around_image>",
    "global_image_token": "<global-img>",
    "end_of_utterance_token": "<end_of_utterance>",
}


def bytes_tokenizer():
    """GPT-2's, with SmolVLM's tokens."""
    return t.GPT2TokenizerFast.from_pretrained(
        TOKENIZERS / "gpt2",
        unk_token="<|endoftext|>",
        bos_token="<|im_start|>",
        eos_token="<end_of_utterance>",
        pad_token="<|im_end|>",
        additional_special_tokens=["<fake_token_around_image>", "<image>", "<global-img>"]
        + [f"<row_{row}_col_{column}>" for row in range(1, 4) for column in range(1, 4)],
        extra_special_tokens=IMAGE_TOKENS,
        padding_side="left",
        model_max_length=512,
    )


def words():
    tokenizer = Tokenizer.from_file(str(FIXTURES / "tiny" / "bert-base" / "tokenizer.json"))
    return t.BertTokenizerFast(tokenizer_object=tokenizer, model_max_length=64, model_input_names=["input_ids", "attention_mask"])


def donut_tokenizer():
    """XLM-RoBERTa's without its table of characters, with marks of questions and of receipts."""
    with TemporaryDirectory() as folder:
        for file in (TOKENIZERS / "xlm-roberta").glob("tokenizer*.json"):
            content = json.loads(file.read_text())
            parts = (content.get("normalizer") or {}).get("normalizers")
            if parts:
                content["normalizer"]["normalizers"] = [part for part in parts if part["type"] != "Precompiled"]
            if (content.get("normalizer") or {}).get("type") == "Precompiled":
                content["normalizer"] = None
            (Path(folder) / file.name).write_text(json.dumps(content))
        tokenizer = t.AutoTokenizer.from_pretrained(folder)
    names = ["question", "answer", "menu", "nm", "price", "sub"]
    tokenizer.add_tokens([f"<{end}s_{name}>" for name in names for end in ("", "/")] + ["<sep/>", "<invoice/>"])
    tokenizer.add_special_tokens({"additional_special_tokens": ["<s_docvqa>", "<s_cord-v2>"]}, replace_additional_special_tokens=False)
    return tokenizer


def sized(side):
    return {"height": side, "width": side}


def smolvlm(kind):
    """SmolVLM, or Idefics3, which is the same: images of up to 2 × 2 parts, of 4 tokens each."""
    tokenizer = bytes_tokenizer()
    ids = {name: tokenizer.convert_tokens_to_ids(token) for name, token in tokenizer.special_tokens_map.items() if isinstance(token, str)}
    text = {
        "model_type": "llama", "vocab_size": len(tokenizer), "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 512, "tie_word_embeddings": True,
        "bos_token_id": ids["bos_token"], "eos_token_id": ids["eos_token"], "pad_token_id": ids["pad_token"],
    }
    config = getattr(t, f"{kind}Config")(
        vision_config={**VIT, "image_size": 32, "patch_size": 8}, text_config=text, scale_factor=2,
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"), pad_token_id=ids["pad_token"], tie_word_embeddings=True,
    )
    model = getattr(t, f"{kind}ForConditionalGeneration")(config)
    model.generation_config = t.GenerationConfig(
        bos_token_id=ids["bos_token"], eos_token_id=ids["eos_token"], pad_token_id=ids["pad_token"]
    )
    sizes = {"size": {"longest_edge": 64}, "max_image_size": {"longest_edge": 32}}
    images = getattr(t, f"{kind}ImageProcessor")(**sizes)
    more = [SmolVLMVideoProcessor()] if kind == "SmolVLM" else []
    return model, getattr(t, f"{kind}Processor")(images, tokenizer, *more, image_seq_len=4, chat_template=TEMPLATE)


def donut():
    tokenizer = donut_tokenizer()
    encoder = t.DonutSwinConfig(image_size=[48, 64], patch_size=4, embed_dim=4, depths=[1, 1], num_heads=[2, 2], window_size=4)
    decoder = t.MBartConfig(
        vocab_size=len(tokenizer), d_model=8, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2,
        encoder_ffn_dim=8, decoder_ffn_dim=24, max_position_embeddings=128, scale_embedding=True, is_decoder=True,
        add_cross_attention=True, is_encoder_decoder=False, tie_word_embeddings=False,
    )
    config = t.VisionEncoderDecoderConfig.from_encoder_decoder_configs(
        encoder, decoder, pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=tokenizer.convert_tokens_to_ids("<s_cord-v2>"), tie_word_embeddings=False,
    )
    model = t.VisionEncoderDecoderModel(config)
    model.generation_config = t.GenerationConfig(
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
        decoder_start_token_id=config.decoder_start_token_id, max_length=48,
    )
    return model, t.DonutProcessor(t.DonutImageProcessor(size={"height": 48, "width": 64}), tokenizer)


def trocr():
    tokenizer = t.AutoTokenizer.from_pretrained(FIXTURES / "tiny" / "roberta-fill-mask")
    encoder = t.ViTConfig(**VIT, image_size=32, patch_size=8)
    decoder = t.TrOCRConfig(
        vocab_size=len(tokenizer), d_model=16, decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=24,
        max_position_embeddings=64, cross_attention_hidden_size=16, is_decoder=True, add_cross_attention=True,
    )
    start = {"decoder_start_token_id": tokenizer.eos_token_id, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    model = t.VisionEncoderDecoderModel(t.VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder, **start))
    model.generation_config = t.GenerationConfig(**start, max_length=24)
    return model, t.TrOCRProcessor(t.ViTImageProcessor(size=sized(32)), tokenizer)


def blip(head):
    tokenizer = words()
    ids = {"bos_token_id": tokenizer.cls_token_id, "eos_token_id": tokenizer.sep_token_id, "pad_token_id": tokenizer.pad_token_id}
    text = {
        "vocab_size": len(tokenizer), "hidden_size": 16, "encoder_hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1,
        "num_attention_heads": 2, "max_position_embeddings": 64, **ids, "sep_token_id": tokenizer.sep_token_id,
    }
    config = t.BlipConfig(text_config=text, vision_config={**VIT, "image_size": 32, "patch_size": 8}, projection_dim=8, image_text_hidden_size=8)
    model = getattr(t, head)(config)
    model.generation_config = t.GenerationConfig(max_length=24, **ids)
    return model, t.BlipProcessor(t.BlipImageProcessor(size=sized(32)), tokenizer)


def siglip():
    text = {**VIT, "vocab_size": len(words()), "max_position_embeddings": 64, "projection_size": 16}
    config = t.SiglipConfig(text_config=text, vision_config={**VIT, "image_size": 32, "patch_size": 8})
    return t.SiglipModel(config), t.SiglipProcessor(t.SiglipImageProcessor(size=sized(32)), words())


# name → (model and processor, seed, weights' size); seeds chosen so that answers differ, and some of them end
MODELS = {
    "smolvlm-chat": (lambda: smolvlm("SmolVLM"), 1, 0.4),
    "idefics3-chat": (lambda: smolvlm("Idefics3"), 2, 0.4),
    "donut-documents": (donut, 23, 0.5),
    "trocr-lines": (trocr, 0, 0.6),
    "blip-captions": (lambda: blip("BlipForConditionalGeneration"), 4, 0.6),
    "blip-answers": (lambda: blip("BlipForQuestionAnswering"), 7, 0.6),
    "siglip-pairs": (siglip, 7, 0.3),
}


def random_weights(name, model, processor, seed, size):
    torch.manual_seed(seed)
    for path, parameter in model.eval().named_parameters():
        if parameter.ndim > 1:
            parameter.data.normal_(0, size)
        elif path.endswith("bias"):
            parameter.data.normal_(0, 0.2)
    if name == "donut-documents":  # answers are likely to end
        ends = processor.tokenizer.convert_tokens_to_ids(["</s_answer>", "</s_menu>", "<s_nm>", "</s_nm>", "</s>"])
        model.decoder.lm_head.weight.data[ends] *= 2


def write_models():
    for name, (make, seed, size) in MODELS.items():
        model, processor = make()
        random_weights(name, model, processor, seed, size)
        folder = FIXTURES / "tiny" / name
        model.save_pretrained(folder)
        processor.save_pretrained(folder)
        for file in folder.glob("*"):
            file.chmod(0o644)
            if file.name in ("vocab.json", "merges.txt", "sentencepiece.bpe.model"):  # tokenizer.json says it all
                file.unlink()
            if file.name == "tokenizer.json":  # half as large on one line
                file.write_text(json.dumps(json.loads(file.read_text()), ensure_ascii=False) + "\n")


def camel(name):
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def camelled(options):
    return {camel(key): camelled(value) if isinstance(value, dict) else value for key, value in options.items()}


def pictured(value):
    """With images in the place of parts."""
    if isinstance(value, dict):
        return cat.crop(value["part"]) if "part" in value else {key: pictured(item) for key, item in value.items()}
    return [pictured(item) for item in value] if isinstance(value, list) else value


def plain(value):
    """The opposite: images are told by their sizes."""
    if isinstance(value, Image.Image):
        return {"size": list(value.size)}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "messages"):  # a chat, which is not taken apart where tokens are given
        return plain(value.messages)
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return float(f"{value:.6g}") if isinstance(value, float) else value


def parts(task, name):
    """What makes the model's inputs, with the image processor that works with Pillow."""
    folder = FIXTURES / "tiny" / name
    if task == "image-text-to-text":
        processor = t.AutoProcessor.from_pretrained(folder)
        assert not type(processor.image_processor).__name__.endswith("Fast")
        return {"processor": processor}
    return {
        "image_processor": t.AutoImageProcessor.from_pretrained(folder, use_fast=False),
        "tokenizer": t.AutoTokenizer.from_pretrained(folder),
    }


class Recorder:
    def __init__(self):
        self.cases, self.pipelines = [], {}

    def __call__(self, task, name, given, **options):
        if (task, name) not in self.pipelines:
            self.pipelines[task, name] = t.pipeline(task, model=str(FIXTURES / "tiny" / name), device="cpu", **parts(task, name))
        run = self.pipelines[task, name]
        asked = pictured(deepcopy(given))
        named = isinstance(asked, dict) and task != "zero-shot-image-classification"
        told = deepcopy(options)  # the pipeline puts more in
        answer = run(**asked, **told) if named else run(asked, **told)
        print(task, name, json.dumps(plain(answer), ensure_ascii=False)[:300])
        self.cases.append(
            {"task": task, "model": f"tiny/{name}", "input": given, "options": camelled(options),
             "answer": plain(answer)}
        )


def user(*content):
    return {"role": "user", "content": [{"type": "text", "text": part} if isinstance(part, str) else {"type": "image", **part} for part in content]}


def assistant(text):
    return {"role": "assistant", "content": [{"type": "text", "text": text}]}


def chats(record):
    """In a chat an image is given in its message, or beside it for a place there."""

    def write(given, name="smolvlm-chat", **options):
        record("image-text-to-text", name, given, max_new_tokens=8, **options)

    asked = [user({"image": WHOLE}, "What is this?")]
    place = {}
    write({"text": asked})
    write({"text": asked}, return_full_text=False)
    write({"text": asked}, return_tensors=True)
    write({"text": [user({"image": FACE}, {"image": STRIPE}, "Which of both?"), assistant("The first."), user("Why?", {"image": TALL})]})
    write({"text": [*asked, assistant("It is a cat")]})
    write({"text": [*asked, assistant("It is a cat")]}, continue_final_message=False)
    write({"text": [user("Who are you?")]})
    write({"text": [user(place, "What is this?")], "images": STRIPE})
    write({"text": [user(place, place, "Which of both?")], "images": [STRIPE, FACE]})
    write({"text": [asked, [user("Who", {"image": TALL}, " is it?")]]})
    write({"text": asked}, skip_special_tokens=False, return_full_text=False)
    write({"text": asked}, generate_kwargs={"num_beams": 3, "repetition_penalty": 1.3})
    write({"text": asked}, generate_kwargs={}, stop_sequence="a")
    write({"text": "<image>A photo of", "images": FACE})
    write({"text": "<image>A photo of", "images": FACE}, return_full_text=False, images_kwargs={"do_image_splitting": False})
    write({"text": "A cat<image> and a dog <image>are", "images": [WHOLE, TALL]})
    write({"text": "Once upon a time"})
    write({"text": asked}, name="idefics3-chat")
    write({"text": [user({"image": FACE}, {"image": STRIPE}, "Which of both?")]}, name="idefics3-chat", return_full_text=False)
    write({"text": "<image>A photo of", "images": STRIPE}, name="idefics3-chat")
    write({"text": "the film", "images": FACE}, name="blip-captions")
    write({"text": "the film", "images": FACE}, name="blip-captions", return_full_text=False)


def captions(record):
    for name in ("blip-captions", "trocr-lines", "donut-documents"):
        record("image-to-text", name, WHOLE)
        record("image-to-text", name, [FACE, STRIPE], max_new_tokens=10)
        record("image-to-text", name, TALL, generate_kwargs={"num_beams": 3, "max_new_tokens": 8})
    record("image-to-text", "blip-captions", FACE, prompt="the film was", max_new_tokens=8)


def answers(record):
    for picture, question in [(WHOLE, "Who was in the city?"), (FACE, "What?"), (STRIPE, "Where is the service?")]:
        record("visual-question-answering", "blip-answers", {"image": picture, "question": question})
        record("document-question-answering", "donut-documents", {"image": picture, "question": question})
    record("visual-question-answering", "blip-answers", {"image": [WHOLE, FACE], "question": ["Who?", "Where?"]})
    record("zero-shot-image-classification", "siglip-pairs", WHOLE, candidate_labels=["cat", "service", "wonderful film"])
    record("zero-shot-image-classification", "siglip-pairs", [FACE, TALL], candidate_labels=["city", "film"], hypothesis_template="A {} it is.")


if __name__ == "__main__":
    write_models()
    record = Recorder()
    with torch.no_grad():
        chats(record)
        captions(record)
        answers(record)
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in record.cases)
    (FIXTURES / "captioning.json").write_text(f'{{"cases": [\n{lines}\n]}}\n', encoding="utf-8")
