"""Record what Python's pipelines for images answer, as the truth for packages/webformers (transformers 4.57.6, torch, CPU).

Writes, under packages/webformers/fixtures:
    tiny/<name>/...     tiny random models laid out as repositories of the Hub
    images.json         cases: task, model, input, options, answer

The input is the photograph of packages/processors (fixtures/images/cat.rgb), or a part of it: [left, top, right, bottom].
Run it with:  python packages/webformers/reference/images.py
"""

import json
from pathlib import Path

import numpy as np
import torch
import transformers as t
from PIL import Image
from tokenizers import Tokenizer

t.logging.set_verbosity_error()
torch.set_num_threads(1)

FIXTURES = Path(__file__).parent.parent / "fixtures"
PHOTOGRAPH = FIXTURES.parents[1] / "processors" / "fixtures" / "images" / "cat.rgb"
cat = Image.frombytes("RGB", (160, 120), PHOTOGRAPH.read_bytes())
WHOLE, FACE, STRIPE = [0, 0, 160, 120], [20, 10, 117, 95], [0, 40, 160, 70]

VIT = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
DETR = {
    "d_model": 16, "encoder_layers": 1, "decoder_layers": 2, "encoder_ffn_dim": 24, "decoder_ffn_dim": 20,
    "encoder_attention_heads": 4, "decoder_attention_heads": 2, "num_queries": 8, "use_pretrained_backbone": False,
    "use_timm_backbone": False,
    "backbone_config": {
        "model_type": "resnet", "embedding_size": 8, "hidden_sizes": [8, 10, 12, 14], "depths": [1, 1, 1, 1],
        "layer_type": "basic", "out_features": ["stage1", "stage2", "stage3", "stage4"],
    },
}
SEGFORMER = {
    "hidden_sizes": [8, 12, 16, 20], "depths": [1, 1, 1, 1], "num_attention_heads": [1, 2, 2, 2], "decoder_hidden_size": 12,
    "num_encoder_blocks": 4,
}
NECK = {"neck_hidden_sizes": [4, 6, 8, 10], "fusion_hidden_size": 8}
SAM = {
    "vision_config": {
        "hidden_size": 16, "output_channels": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 64,
        "patch_size": 8, "window_size": 3, "global_attn_indexes": [1], "mlp_dim": 24, "num_pos_feats": 8,
    },
    "prompt_encoder_config": {"hidden_size": 16, "image_size": 64, "patch_size": 8, "mask_input_channels": 4},
    "mask_decoder_config": {"hidden_size": 16, "mlp_dim": 20, "num_hidden_layers": 2, "num_attention_heads": 2, "iou_head_hidden_dim": 16},
}
CLIP = {
    "text_config": {"vocab_size": 420, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24,
                    "max_position_embeddings": 40, "eos_token_id": 3, "bos_token_id": 2, "pad_token_id": 0},
    "vision_config": {**VIT, "image_size": 32, "patch_size": 8},
    "projection_dim": 12,
}

OWL = {
    "text_config": {**CLIP["text_config"], "hidden_act": "gelu"},
    "vision_config": {**VIT, "image_size": 32, "patch_size": 8},
    "projection_dim": 16,
}


def labels(*names):
    return {"id2label": dict(enumerate(names)), "label2id": {name: i for i, name in enumerate(names)}}


THINGS = labels("cat", "dog", "chair", "cloud", "tree", "cup")


def words():
    tokenizer = Tokenizer.from_file(str(FIXTURES / "tiny" / "bert-base" / "tokenizer.json"))
    return t.BertTokenizerFast(tokenizer_object=tokenizer, model_max_length=40, model_input_names=["input_ids", "attention_mask"])


def sized(side):
    return {"height": side, "width": side}


# name → (class of the model, configuration, image processor, tokenizer)
MODELS = {
    "vit-things": (t.ViTForImageClassification, t.ViTConfig(**VIT, image_size=32, patch_size=8, **THINGS), t.ViTImageProcessor(size=sized(32)), None),
    "vit-tags": (t.ViTForImageClassification,
                 t.ViTConfig(**VIT, image_size=32, patch_size=8, problem_type="multi_label_classification", **THINGS),
                 t.ViTImageProcessor(size=sized(32), resample=3), None),
    "vit-base": (t.ViTModel, t.ViTConfig(**VIT, image_size=32, patch_size=8), t.ViTImageProcessor(size=sized(32)), None),
    "clip-pairs": (t.CLIPModel, t.CLIPConfig(**CLIP), t.CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=sized(32)), words()),
    "detr-things": (t.DetrForObjectDetection, t.DetrConfig(**DETR, **THINGS), t.DetrImageProcessor(size={"shortest_edge": 60, "longest_edge": 100}), None),
    "detr-segments": (t.DetrForSegmentation, t.DetrConfig(**{**DETR, "encoder_attention_heads": 8}, **THINGS),
                      t.DetrImageProcessor(size={"shortest_edge": 60, "longest_edge": 100}), None),
    "yolos-things": (t.YolosForObjectDetection, t.YolosConfig(**VIT, image_size=[32, 48], patch_size=8, num_detection_tokens=7, **THINGS),
                     t.YolosImageProcessor(size={"shortest_edge": 48, "longest_edge": 96}), None),
    "segformer-places": (t.SegformerForSemanticSegmentation, t.SegformerConfig(**SEGFORMER, **THINGS), t.SegformerImageProcessor(size=sized(64)), None),
    "dpt-depth": (t.DPTForDepthEstimation,
                  t.DPTConfig(**{**VIT, "num_hidden_layers": 4}, **NECK, image_size=32, patch_size=8, backbone_out_indices=[0, 1, 2, 3], is_hybrid=False),
                  t.DPTImageProcessor(size=sized(32)), None),
    "sam-everything": (t.SamModel, t.SamConfig(**SAM), t.SamImageProcessor(size={"longest_edge": 64}, pad_size=sized(64)), None),
    "owlvit-finder": (t.OwlViTForObjectDetection, t.OwlViTConfig(**OWL), t.OwlViTImageProcessor(size=sized(32)), words()),
    "owlv2-finder": (t.Owlv2ForObjectDetection, t.Owlv2Config(**OWL), t.Owlv2ImageProcessor(size=sized(32)), words()),
}


def batched_nms(boxes, scores, idxs, iou_threshold):
    """What torchvision gives for boxes of one class: mask generation asks for it, and nothing else here needs torchvision."""
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept = []
    for i in scores.argsort(descending=True, stable=True).tolist():
        low, high = torch.maximum(boxes[i, :2], boxes[kept, :2]), torch.minimum(boxes[i, 2:], boxes[kept, 2:])
        both = (high - low).clamp(min=0).prod(-1)
        if not (both / (area[i] + area[kept] - both) > iou_threshold).any():
            kept.append(i)
    return torch.tensor(kept, dtype=torch.long)


t.models.sam.image_processing_sam.batched_nms = batched_nms


def camel(name):
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def write_models():
    for seed, (name, (kind, config, processor, tokenizer)) in enumerate(MODELS.items()):
        torch.manual_seed(seed)
        model = kind(config).eval()
        for path, parameter in model.named_parameters():
            if parameter.ndim > 1:
                parameter.data.normal_(0, 0.35)
            elif path.endswith("bias"):
                parameter.data.normal_(0, 0.2)
        for path, buffer in model.named_buffers():
            if path.endswith("running_var"):
                buffer.uniform_(0.5, 1.5)
            elif path.endswith("running_mean"):
                buffer.normal_(0, 0.1)
        folder = FIXTURES / "tiny" / name
        model.save_pretrained(folder)
        processor.save_pretrained(folder)
        if tokenizer:
            tokenizer.save_pretrained(folder)
        (folder / "model.safetensors").chmod(0o644)


def plain(value):
    if isinstance(value, Image.Image):
        return plain(np.asarray(value))
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (torch.Tensor, np.ndarray)):
        if value.ndim == 2 and value.shape[0] > 20:  # masks and maps: how many pixels there are of each, or samples
            array = np.asarray(value)
            if array.dtype == bool:
                array = array.astype(np.uint8) * 255
            if array.dtype == np.uint8 and len(np.unique(array)) <= 2:
                return {"shape": list(array.shape), "inside": int((array == 255).sum()), "sum": int(np.flatnonzero(array.reshape(-1)).sum())}
            flat = array.reshape(-1)
            return {"shape": list(array.shape), "samples": plain(flat[:: flat.size // 50].tolist())}
        return plain(value.tolist())
    return float(f"{value:.6g}") if isinstance(value, float) else value


cases = []


def record(task, model, part, **options):
    pipe = t.pipeline(task, model=str(FIXTURES / "tiny" / model), device="cpu", use_fast=False)
    several = isinstance(part[0], list)
    images = [cat.crop(each) for each in part] if several else cat.crop(part)
    answer = pipe(images, **options)
    cases.append({"task": task, "model": f"tiny/{model}", "input": part, "options": {camel(key): value for key, value in options.items()},
                  "answer": plain(answer)})


def record_labelled(model, parts, **options):
    """Images that say themselves what to look for."""
    pipe = t.pipeline("zero-shot-object-detection", model=str(FIXTURES / "tiny" / model), device="cpu", use_fast=False)
    answer = pipe([{"image": cat.crop(part), "candidate_labels": names} for part, names in parts], **options)
    cases.append({"task": "zero-shot-object-detection", "model": f"tiny/{model}", "input": [part for part, _ in parts],
                  "labels": [names for _, names in parts], "options": {camel(key): value for key, value in options.items()},
                  "answer": plain(answer)})


def parts_of(model, image, settings):
    """What `mask-generation` finds on parts of an image. Python's own pipeline takes no more than one image at a time, and so
    ends in an error when it is asked for crops; its steps do what its documentation says, one part after another."""
    processor, sam = t.SamImageProcessor.from_pretrained(model), t.SamModel.from_pretrained(model).eval()
    boxes, *_ = processor.generate_crop_boxes(image, 64, settings["crops_n_layers"], settings["crop_overlap_ratio"])
    masks, scores, places = [], [], []
    for number, box in enumerate(boxes.int().tolist()):
        layer = 0 if number == 0 else next(i for i in range(1, 9) if number < sum(4**j for j in range(i + 1)))
        seen = processor(image.crop(box), return_tensors="pt")
        side = settings["points_per_crop"] // settings["crop_n_points_downscale_factor"] ** layer
        _, points, _, ones = processor.generate_crop_boxes(image.crop(box), 64, 0, 0, side)
        with torch.no_grad():
            found = sam(pixel_values=seen["pixel_values"], input_points=points.float(), input_labels=ones)
        logits = processor.post_process_masks(found.pred_masks, seen["original_sizes"], seen["reshaped_input_sizes"], binarize=False)
        size = (image.height, image.width)
        runs, good, where = processor.filter_masks(logits[0], found.iou_scores[0], size, box, -9, settings["stability_score_thresh"],
                                                   settings["mask_threshold"], settings["stability_score_offset"])
        masks += runs
        scores.append(good)
        places.append(where + torch.tensor([*box[:2], *box[:2]]))
    masks, scores, runs, places = processor.post_process_for_mask_generation(masks, torch.cat(scores), torch.cat(places), settings["crops_nms_thresh"])
    return {"masks": masks, "scores": scores, "bounding_boxes": places}


def record_parts(part, **settings):
    answer = parts_of(str(FIXTURES / "tiny" / "sam-everything"), cat.crop(part), settings)
    options = {**settings, "pred_iou_thresh": -9, "points_per_batch": 7, "output_bboxes_mask": True}
    cases.append({"task": "mask-generation", "model": "tiny/sam-everything", "input": part,
                  "options": {camel(key): value for key, value in options.items()}, "answer": plain(answer)})


def record_finding():
    for model in ["owlvit-finder", "owlv2-finder"]:
        record("zero-shot-object-detection", model, WHOLE, candidate_labels=["cat", "wonderful film", "service"], threshold=0.3)
        record("zero-shot-object-detection", model, FACE, candidate_labels="city,film", threshold=0.2, top_k=5)
        record("zero-shot-object-detection", model, STRIPE, candidate_labels=["a cat that reads"])
        record_labelled(model, [(FACE, ["cat", "city"]), (STRIPE, ["film"]), (WHOLE, ["service", "cat", "city"])], threshold=0.4)
    many = {"crops_n_layers": 1, "stability_score_thresh": 0.05, "stability_score_offset": 0.01, "crops_nms_thresh": 0.9}
    record_parts(WHOLE, points_per_crop=4, crop_overlap_ratio=0.3, crop_n_points_downscale_factor=2, mask_threshold=0.1, **many)
    record_parts(FACE, points_per_crop=3, crop_overlap_ratio=512 / 1500, crop_n_points_downscale_factor=1, mask_threshold=0.15, **many)


def main():
    write_models()
    for model in ["vit-things", "vit-tags"]:
        record("image-classification", model, WHOLE)
        record("image-classification", model, [WHOLE, FACE, STRIPE], top_k=2)
        record("image-classification", model, FACE, top_k=1, function_to_apply="none")
        record("image-classification", model, [FACE], batch_size=2, function_to_apply="sigmoid")
    record("image-feature-extraction", "vit-base", FACE, pool=True)
    record("image-feature-extraction", "vit-base", [STRIPE, WHOLE], pool=True, batch_size=2)
    record("image-feature-extraction", "vit-base", STRIPE)
    record("zero-shot-image-classification", "clip-pairs", WHOLE, candidate_labels=["cat", "service", "wonderful film"])
    record("zero-shot-image-classification", "clip-pairs", [FACE, STRIPE], candidate_labels=["city", "film"], hypothesis_template="A {} it is.")
    for model in ["detr-things", "yolos-things"]:
        record("object-detection", model, WHOLE, threshold=0.2)
        record("object-detection", model, [FACE, STRIPE], threshold=0.3)
        record("object-detection", model, STRIPE)
    record("image-segmentation", "detr-segments", WHOLE, threshold=0.3, overlap_mask_area_threshold=0.1)
    record("image-segmentation", "detr-segments", FACE, threshold=0.25, mask_threshold=0.4, overlap_mask_area_threshold=0.05, subtask="instance")
    record("image-segmentation", "detr-segments", FACE, subtask="semantic")
    record("image-segmentation", "segformer-places", [WHOLE, STRIPE])
    record("depth-estimation", "dpt-depth", WHOLE)
    record("depth-estimation", "dpt-depth", [FACE, STRIPE])
    record("mask-generation", "sam-everything", FACE, points_per_crop=4, points_per_batch=8, pred_iou_thresh=-9, stability_score_thresh=0.8, stability_score_offset=0.03,
           output_rle_mask=False, output_bboxes_mask=True)
    record("mask-generation", "sam-everything", STRIPE, points_per_crop=3, points_per_batch=9, pred_iou_thresh=-9, stability_score_thresh=0.5, stability_score_offset=0.05,
           mask_threshold=0.1, crops_nms_thresh=0.9, output_bboxes_mask=True)
    record_finding()
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    (FIXTURES / "images.json").write_text(f'{{"cases": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
