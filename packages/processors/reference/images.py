"""Record what Pillow and the image processors of Python make of photographs, as the truth for packages/processors.

Writes, under packages/processors/fixtures/images:
    cat.rgb, cat.jpg        a part of a photograph (scikit-image's chelsea): its bytes, and the whole as a JPEG
    files/*                 the same in other kinds of files: turned, grey, with palettes, see-through, broken
    resize.json             checksums of what Pillow's Image.resize makes of it, by every filter, from 1 to 4,000 pixels
    decoded.json            checksums of what PIL's exif_transpose and convert("RGB") give for the files
    processors.json         configurations, what Python saves of them, and checksums and samples of what they give
    post-process.json       outputs of models, and what the post_process methods make of them

Run it with:  python packages/processors/reference/images.py
It needs transformers==4.57.6, torch, pillow, scikit-image (for the photograph), scipy and pycocotools.
"""

import base64
import hashlib
import json
import tempfile
from io import BytesIO
from pathlib import Path

import numpy as np
import skimage
import torch
import transformers
from PIL import Image, ImageOps
from transformers import AutoImageProcessor, logging

logging.set_verbosity_error()
torch.set_num_threads(1)
torch.manual_seed(0)

FIXTURES = Path(__file__).parent.parent / "fixtures" / "images"
FILES = FIXTURES / "files"
FILES.mkdir(parents=True, exist_ok=True)
SAMPLES = 24

photograph = Image.fromarray(skimage.data.chelsea())
cat = photograph.crop((150, 60, 150 + 160, 60 + 120))


def write(name, value):
    """A line for each case, so that files stay small and changes can be read."""
    parts = [f"{json.dumps(key)}: {lines(part)}" for key, part in value.items()]
    (FIXTURES / name).write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def lines(value):
    if isinstance(value, list):
        return "[\n" + ",\n".join(json.dumps(each, allow_nan=False) for each in value) + "\n]"
    return json.dumps(value, allow_nan=False)


def checksum(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:32]


def resizing():
    """Every filter up and down; the large ones are made of the small one, so that no large file is needed."""
    filters = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
    sizes = [(32, 32), (224, 224), (160, 47), (53, 120), (1, 1), (160, 120), (401, 299)]
    cases = []
    for name, number in filters.items():
        for width, height in sizes:
            resized = cat.resize((width, height), number)
            cases.append({"resample": name, "width": width, "height": height, "checksum": checksum(resized)})
    large = cat.resize((4000, 600), Image.Resampling.BICUBIC)
    from_large = []
    for name, width, height in [("bicubic", 4000, 600), ("bilinear", 224, 224), ("bicubic", 298, 45), ("lanczos", 1456, 220),
                                ("box", 33, 32), ("hamming", 640, 96), ("nearest", 257, 255)]:
        resized = large if width == 4000 else large.resize((width, height), filters[name])
        from_large.append({"resample": name, "width": width, "height": height, "checksum": checksum(resized)})
    boxes = []
    for name, box, size in [("bicubic", (3.5, 7.25, 130.0, 101.5), (64, 48)), ("lanczos", (0, 0, 159.5, 119.5), (200, 40)),
                            ("nearest", (10.5, 3.0, 90.0, 77.0), (31, 29))]:
        resized = cat.resize(size, filters[name], box=box)
        boxes.append({"resample": name, "box": box, "width": size[0], "height": size[1], "checksum": checksum(resized)})
    reduced = [
        {"across": across, "down": down, "width": (160 + across - 1) // across, "checksum": checksum(cat.reduce((across, down)))}
        for across, down in [(2, 2), (3, 2), (7, 5), (1, 4)]
    ]
    write("resize.json", {"width": 160, "height": 120, "cases": cases, "from_large": from_large, "boxes": boxes, "reduced": reduced})


def files():
    (FIXTURES / "cat.rgb").write_bytes(cat.tobytes())
    photograph.save(FIXTURES / "cat.jpg", quality=80)
    small = cat.crop((20, 20, 52, 44))  # 32 x 24
    alpha = Image.fromarray(np.add.outer(np.arange(24) * 6, np.arange(32) * 3).astype(np.uint8), "L")
    see_through = small.convert("RGBA")
    see_through.putalpha(alpha)
    hidden = see_through.copy()
    hidden.putalpha(Image.fromarray((np.asarray(alpha) > 90).astype(np.uint8) * 255, "L"))
    palette = small.quantize(64)
    for orientation in range(2, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        small.save(FILES / f"turned-{orientation}.jpg", quality=85, exif=exif)
    small.save(FILES / "colour.jpg", quality=90)
    small.save(FILES / "progressive.jpg", quality=90, progressive=True)
    small.save(FILES / "full-chroma.jpg", quality=90, subsampling=0)
    small.convert("L").save(FILES / "grey.jpg", quality=90)
    small.save(FILES / "colour.png")
    small.convert("L").save(FILES / "grey.png")
    small.convert("1").save(FILES / "black-and-white.png")
    palette.save(FILES / "palette.png")
    palette.save(FILES / "palette-see-through.png", transparency=bytes(range(0, 256, 4)))
    see_through.save(FILES / "see-through.png")
    hidden.save(FILES / "hidden.png")
    see_through.convert("LA").save(FILES / "grey-see-through.png")
    small.save(FILES / "colour.webp", lossless=True)
    see_through.save(FILES / "see-through.webp", lossless=True, exact=True)
    small.save(FILES / "lossy.webp", quality=80)
    palette.save(FILES / "palette.gif")
    small.save(FILES / "colour.bmp")
    decoded = {}
    for file in sorted([*FILES.iterdir(), FIXTURES / "cat.jpg"]):
        image = ImageOps.exif_transpose(Image.open(file)).convert("RGB")
        pixels = base64.b64encode(image.tobytes()).decode() if image.size[0] <= 48 and image.size[1] <= 48 else None
        decoded[file.name] = {"width": image.width, "height": image.height, "checksum": checksum(image), "pixels": pixels}
    write("decoded.json", decoded)


PICTURES = {
    "cat": cat,
    "tall": cat.crop((30, 0, 107, 120)),
    "small": cat.crop((40, 30, 71, 53)),
    "wide": cat.resize((611, 97), Image.Resampling.BICUBIC),
    "large": cat.resize((901, 677), Image.Resampling.LANCZOS),
    "grey": cat.convert("L").convert("RGB"),
}


def picture_recipe(name):
    return {
        "cat": {},
        "tall": {"crop": [30, 0, 107, 120]},
        "small": {"crop": [40, 30, 71, 53]},
        "wide": {"width": 611, "height": 97, "resample": "bicubic"},
        "large": {"width": 901, "height": 677, "resample": "lanczos"},
        "grey": {"grey": True},
    }[name]


def camel(name):
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def described(value):
    if isinstance(value, (list, tuple)) and value and not isinstance(value[0], (int, float, list)):
        return [{key: described(part) for key, part in each.items()} for each in value]
    if isinstance(value, list):
        return value
    array = value.numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
    array = array.astype(np.float32 if array.dtype.kind == "f" else np.int32)
    flat = array.reshape(-1)
    if flat.size <= SAMPLES:
        return {"shape": list(array.shape), "values": flat.tolist()}
    picked = np.linspace(0, flat.size - 1, SAMPLES).astype(np.int64)
    return {"shape": list(array.shape), "checksum": checksum(array), "samples": flat[picked].tolist()}


BASE = {"do_resize": True, "do_rescale": True, "do_normalize": True}
# Two polygons, one of them with a dent and a corner beyond the image; and a mask as runs of pixels, of the size of the whole cat.
POLYGONS = [[10.5, 20, 70.2, 24.9, 48.1, 40, 66, 65.25, 12.3, 60.6], [80, 30.5, 95.5, 22, 171, 50.2, 90, 44]]
RUNS = {"size": [120, 160], "counts": [100 * 120 + 55, *([40, 80] * 30), 27 * 120 + 3, 2, 60, 22, 23 * 100 - 42]}
RUNS["counts"][-1] += 120 * 160 - sum(RUNS["counts"])
COCO = {
    "image_id": 7,
    "annotations": [
        {"bbox": [10.5, 20, 60, 45.25], "category_id": 3, "area": 2715.0, "iscrowd": 0, "segmentation": POLYGONS,
         "keypoints": [20, 30.5, 2, 44, 51, 1]},
        {"bbox": [100, 50, 90, 80], "category_id": 17, "area": 4200, "iscrowd": 0, "segmentation": RUNS, "keypoints": [120, 60, 2, 0, 0, 0]},
        {"bbox": [0, 0, 10, 10], "category_id": 2, "area": 100, "iscrowd": 1, "segmentation": RUNS},
        {"bbox": [150, 30, 0, 10], "category_id": 5, "area": 0, "segmentation": [[150, 30, 150, 40, 150, 35]], "keypoints": [150, 30, 2, 0, 0, 0]},
    ],
}
PANOPTIC = {
    "image_id": 11,
    "file_name": "segments.png",
    "segments_info": [
        {"id": 5, "category_id": 4, "area": 1800, "iscrowd": 0},
        {"id": 70605, "category_id": 2, "area": 1999.5, "iscrowd": 1},
        {"id": 140905, "category_id": 9, "area": 800, "iscrowd": 0},
        {"id": 77, "category_id": 1, "area": 0, "iscrowd": 0},
    ],
}

# configuration as a repository has it, and calls: pictures, options
CASES = [
    ("vit", {"image_processor_type": "ViTImageProcessor"}, [(["cat"], {}), (["cat", "tall"], {"do_normalize": False}), (["small"], {"do_rescale": False})]),
    ("vit, old", {"feature_extractor_type": "ViTFeatureExtractor", "size": 96, "resample": 3, "image_mean": [0.5, 0.4, 0.3], "image_std": [1.0, 0.25, 0.5]},
     [(["large"], {}), (["cat"], {"size": {"height": 20, "width": 33}, "resample": 1}), (["cat"], {"do_resize": False})]),
    ("vit, fast", {"image_processor_type": "ViTImageProcessorFast", "size": {"height": 64, "width": 48}, "device": None, "data_format": "channels_first"}, [(["wide"], {})]),
    ("swin", {"model_type": "swin"}, [(["tall"], {"size": {"height": 50, "width": 50}})]),
    ("deit", {"image_processor_type": "DeiTImageProcessor", "size": 70, "crop_size": 60}, [(["cat"], {}), (["small"], {"do_resize": False})]),
    ("dinov2", {"image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 80}, "crop_size": {"height": 70, "width": 70},
                "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}, [(["cat"], {}), (["wide", "tall"], {}), (["tall"], {"do_center_crop": False})]),
    ("clip", {"crop_size": 61, "size": 60, "feature_extractor_type": "CLIPFeatureExtractor", "do_center_crop": True}, [(["cat"], {}), (["tall"], {}), (["small"], {"do_resize": False})]),
    ("clip, square", {"image_processor_type": "CLIPImageProcessor", "size": 64, "use_square_size": True, "do_center_crop": False}, [(["wide"], {})]),
    ("siglip", {"image_processor_type": "SiglipImageProcessor", "size": {"height": 56, "width": 56}}, [(["cat"], {})]),
    ("blip", {"image_processor_type": "BlipImageProcessor", "size": {"height": 48, "width": 64}}, [(["cat"], {})]),
    ("mobilenet_v2", {"image_processor_type": "MobileNetV2ImageProcessor", "size": {"shortest_edge": 64}, "crop_size": {"height": 56, "width": 56}},
     [(["cat"], {}), (["tall"], {"segmentation_maps": True, "do_reduce_labels": True})]),
    ("convnext", {"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 56}, "crop_pct": 0.875}, [(["cat"], {}), (["tall"], {"crop_pct": 0.9})]),
    ("resnet", {"feature_extractor_type": "ConvNextFeatureExtractor", "size": 384, "crop_pct": None}, [(["cat"], {})]),
    ("segformer", {"image_processor_type": "SegformerImageProcessor", "size": {"height": 64, "width": 64}, "do_reduce_labels": True},
     [(["cat"], {"segmentation_maps": True}), (["cat"], {"segmentation_maps": True, "do_reduce_labels": False}), (["cat"], {"segmentation_maps": "palette"})]),
    ("dpt", {"image_processor_type": "DPTImageProcessor", "size": 64}, [(["cat"], {}), (["cat"], {"do_pad": True, "size_divisor": 28})]),
    ("depth_anything", {"image_processor_type": "DPTImageProcessor", "size": {"height": 98, "width": 98}, "keep_aspect_ratio": True, "ensure_multiple_of": 14,
                        "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}, [(["cat"], {}), (["wide"], {}), (["tall"], {"segmentation_maps": True})]),
    ("detr", {"image_processor_type": "DetrImageProcessor", "size": {"shortest_edge": 60, "longest_edge": 100}},
     [(["cat"], {}), (["wide", "tall"], {}), (["cat"], {"annotations": True}), (["tall", "cat"], {"annotations": True, "do_convert_annotations": False}),
      (["cat"], {"do_pad": False, "annotations": True}),
      (["cat"], {"annotations": True, "return_segmentation_masks": True}), (["cat"], {"annotations": "panoptic", "format": "coco_panoptic"}),
      (["cat", "tall"], {"annotations": "panoptic", "format": "coco_panoptic", "return_segmentation_masks": False, "do_convert_annotations": False}), (["cat"], {"pad_size": {"height": 111, "width": 122}}), (["cat"], {"size": {"max_height": 50, "max_width": 90}})]),
    ("detr, old", {"feature_extractor_type": "DetrFeatureExtractor", "size": 50, "max_size": 71, "format": "coco_detection"}, [(["cat", "small"], {})]),
    ("yolos", {"image_processor_type": "YolosImageProcessor", "size": {"shortest_edge": 64, "longest_edge": 160}}, [(["cat", "tall"], {}), (["wide"], {}), (["cat"], {"annotations": True})]),
    ("sam", {"image_processor_type": "SamImageProcessor", "size": {"longest_edge": 128}, "pad_size": {"height": 128, "width": 128},
             "mask_size": {"longest_edge": 32}, "mask_pad_size": {"height": 32, "width": 32}}, [(["cat", "tall"], {}), (["cat"], {"segmentation_maps": True})]),
    ("owlvit", {"image_processor_type": "OwlViTImageProcessor", "size": {"height": 64, "width": 64}}, [(["cat", "tall"], {}), (["wide"], {"do_center_crop": True, "crop_size": {"height": 40, "width": 70}})]),
    ("owlvit, old", {"feature_extractor_type": "OwlViTFeatureExtractor", "size": [48, 56], "crop_size": 48, "rescale": True}, [(["cat"], {}), (["small"], {"do_resize": False})]),
    ("owlv2", {"image_processor_type": "Owlv2ImageProcessor", "size": {"height": 48, "width": 48}},
     [(["cat", "tall"], {}), (["wide"], {}), (["small"], {}), (["large"], {"do_normalize": False}), (["tall"], {"do_pad": False}), (["small"], {"do_resize": False})]),
    ("vitpose", {"image_processor_type": "VitPoseImageProcessor", "size": {"height": 64, "width": 48}},
     [(["cat"], {"boxes": [[[20.5, 10, 60, 90.25], [100, 50, 90, 80]]]}), (["cat", "tall"], {"boxes": [[[0, 0, 159, 119]], [[-20.3, 30, 40, 20], [70, 110, 30, 30]]]}),
      (["large"], {"boxes": [[[412.8, 157.61, 53.05, 138.01]]], "do_normalize": False}), (["wide"], {"boxes": [[[1, 2, 600, 90]]], "size": {"height": 40, "width": 100}})]),
    ("vitpose, whole", {"image_processor_type": "VitPoseImageProcessor", "do_affine_transform": False, "normalize_factor": 100, "image_mean": [0.5, 0.4, 0.3], "image_std": [1.0, 0.25, 0.5]},
     [(["cat"], {"boxes": [[]]})]),
    ("superpoint", {"image_processor_type": "SuperPointImageProcessor", "size": {"height": 48, "width": 64}},
     [(["cat", "tall"], {}), (["wide"], {"do_grayscale": True}), (["cat"], {"do_grayscale": True, "do_resize": False}), (["large"], {"resample": 3})]),
    ("superpoint, grey", {"model_type": "superpoint"}, [(["grey"], {"do_grayscale": True, "size": {"height": 40, "width": 50}})]),
    ("donut", {"feature_extractor_type": "DonutFeatureExtractor", "size": [60, 80], "do_align_long_axis": False}, [(["cat", "tall"], {}), (["wide"], {}), (["cat"], {"do_align_long_axis": True}),
               (["large"], {"do_resize": False}), (["wide"], {"do_resize": False})]),
    ("idefics3", {"image_processor_type": "Idefics3ImageProcessor", "size": {"longest_edge": 128}, "max_image_size": {"longest_edge": 48}},
     [(["cat"], {"return_row_col_info": True}), ([["cat", "small"], ["tall"]], {"return_row_col_info": True}), (["tall"], {"do_image_splitting": False})]),
    ("smolvlm", {"image_processor_type": "SmolVLMImageProcessor", "size": {"longest_edge": 96}, "max_image_size": {"longest_edge": 64}}, [(["large"], {}), (["small"], {"do_resize": False})]),
    ("qwen2_vl", {"image_processor_type": "Qwen2VLImageProcessor", "min_pixels": 56 * 56, "max_pixels": 28 * 28 * 12}, [(["cat", "tall"], {}), (["small"], {})]),
]


def label_map(picture):
    """Labels from 0 to 5 in blobs, and a few 255, which nobody counts."""
    y, x = np.mgrid[: picture.height, : picture.width]
    labels = ((x // 9 + y // 7) % 6).astype(np.uint8)
    labels[(x + y) % 23 == 0] = 255
    return labels


def palette_map(picture, folder):
    """Labels from 0 to 11 as the places of colours in a palette: the file as it is, of 4 bits a pixel."""
    y, x = np.mgrid[: picture.height, : picture.width]
    image = Image.fromarray(((x // 9 + y // 7) % 12).astype(np.uint8), "P")
    image.putpalette([(i * 37 + c * 91) % 256 for i in range(16) for c in range(3)])
    image.save(folder / "labels.png", bits=4)
    return Image.open(folder / "labels.png")


def segments_map(picture, path):
    y, x = np.mgrid[: picture.height, : picture.width]
    ids = (x // 40) * 300 + (y // 50) * 70000 + 5
    Image.fromarray(np.stack([ids % 256, ids // 256 % 256, ids // 65536], axis=-1).astype(np.uint8)).save(path)


def processors():
    recorded = []
    for name, config, calls in CASES:
        with tempfile.TemporaryDirectory() as folder:
            files = {"preprocessor_config.json": json.dumps(config)}
            if "model_type" in config:
                files = {"preprocessor_config.json": "{}", "config.json": json.dumps(config)}
            for file, content in files.items():
                (Path(folder) / file).write_text(content)
            processor = AutoImageProcessor.from_pretrained(folder, use_fast=False)
            answers = []
            for pictures, options in calls:
                nested = isinstance(pictures[0], list)
                images = [[PICTURES[each] for each in sample] for sample in pictures] if nested else [PICTURES[each] for each in pictures]
                given = dict(options)
                if given.get("segmentation_maps") == "palette":
                    given["segmentation_maps"] = [palette_map(each, FIXTURES) for each in images]
                elif given.get("segmentation_maps"):
                    given["segmentation_maps"] = [label_map(each) for each in images]
                if given.get("annotations") == "panoptic":
                    given["annotations"] = [PANOPTIC | {"file_name": f"segments-{i}.png"} for i in range(len(images))]
                    for each, annotation in zip(images, given["annotations"]):
                        segments_map(each, Path(folder) / annotation["file_name"])
                    given["masks_path"] = folder
                elif given.get("annotations"):
                    given["annotations"] = [COCO for _ in images]
                given.setdefault("return_tensors", "pt")
                features = processor(images, **given)
                outputs = {key: described(value) for key, value in features.items()}
                answers.append({"pictures": pictures, "options": {camel(k): v for k, v in options.items()}, "outputs": outputs})
            recorded.append({
                "name": name, "files": files, "type": type(processor).__name__, "saved": processor.to_json_string(), "calls": answers,
            })
    kinds = sorted({each["type"] for each in recorded})
    defaults = {kind: getattr(transformers, kind)().to_json_string() for kind in kinds}
    write("processors.json", {
        "pictures": {name: picture_recipe(name) for name in PICTURES},
        "annotation": COCO,
        "panoptic": PANOPTIC,
        "cases": recorded,
        "defaults": defaults,
    })


class Outputs(dict):
    __getattr__ = dict.__getitem__


def shortened(value):
    """Answers are compared to five digits."""
    if isinstance(value, dict):
        return {key: shortened(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shortened(each) for each in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value


def tensor_of(value):
    return {"shape": list(value.shape), "values": [round(float(x), 5) for x in value.reshape(-1)]}


def rounded(*shape, scale=3.0):
    return (torch.randn(*shape) * scale).mul(1e3).round().div(1e3)


def post_processing():
    detr, segformer, dpt, sam = (getattr(transformers, f"{each}ImageProcessor")() for each in ("Detr", "Segformer", "DPT", "Sam"))
    yolos = transformers.YolosImageProcessor()
    boxes = torch.rand(2, 9, 4).mul(1e4).round().div(1e4)
    detection = Outputs(logits=rounded(2, 9, 5), pred_boxes=boxes)
    cases = []

    def record(kind, verb, outputs, options, answer):
        cases.append({
            "type": f"{kind}ImageProcessor", "verb": verb, "outputs": {key: tensor_of(value) for key, value in outputs.items()},
            "options": {camel(key): value for key, value in options.items()}, "answer": shortened(answer),
        })

    def lists(found):
        return [{key: each[key].tolist() for key in ("scores", "labels", "boxes")} for each in found]

    for options in [{}, {"threshold": 0.3, "target_sizes": [(480, 640), (333, 250)]}]:
        record("Detr", "ObjectDetection", detection, options, lists(detr.post_process_object_detection(detection, **options)))
    options = {"threshold": 0.8, "target_sizes": [(100, 200), (50, 60)]}
    record("Yolos", "ObjectDetection", detection, options, lists(yolos.post_process_object_detection(detection, **options)))

    semantic = Outputs(logits=rounded(2, 4, 6, 5))
    for options in [{}, {"target_sizes": [(13, 17), (4, 3)]}]:
        answer = [each.tolist() for each in segformer.post_process_semantic_segmentation(semantic, **options)]
        record("Segformer", "SemanticSegmentation", semantic, options, answer)

    smooth = torch.nn.functional.interpolate(rounded(2, 6, 2, 3, scale=4), (6, 8), mode="bilinear").mul(1e3).round().div(1e3)
    segments = Outputs(logits=rounded(2, 6, 4), pred_masks=smooth)
    for options in [{}, {"target_sizes": [(13, 17), (6, 8)]}]:
        answer = [each.tolist() for each in detr.post_process_semantic_segmentation(segments, **options)]
        record("Detr", "SemanticSegmentation", segments, options, answer)
    for verb, options in [
        ("instance", {"threshold": 0.4, "overlap_mask_area_threshold": 0.2}),
        ("instance", {"threshold": 0.4, "overlap_mask_area_threshold": 0.2, "target_sizes": [(13, 17), (5, 4)]}),
        ("instance", {"threshold": 0.9999}),
        ("panoptic", {"threshold": 0.4, "overlap_mask_area_threshold": 0.1, "mask_threshold": 0.4, "label_ids_to_fuse": [0, 2]}),
        ("panoptic", {"threshold": 0.4, "target_sizes": [(13, 17), (5, 4)], "overlap_mask_area_threshold": 0.3, "label_ids_to_fuse": [1]}),
    ]:
        given = {**options, **({"label_ids_to_fuse": set(options["label_ids_to_fuse"])} if "label_ids_to_fuse" in options else {})}
        found = getattr(detr, f"post_process_{verb}_segmentation")(segments, **given)
        answer = [{"segmentation": each["segmentation"].int().tolist(), "segments_info": each["segments_info"]} for each in found]
        record("Detr", f"{verb.capitalize()}Segmentation", segments, options, answer)

    depth = Outputs(predicted_depth=rounded(2, 5, 7).abs())
    for options in [{}, {"target_sizes": [(11, 16), (3, 4)]}]:
        found = dpt.post_process_depth_estimation(depth, **options)
        record("DPT", "DepthEstimation", depth, options, [each["predicted_depth"].tolist() for each in found])

    small = transformers.SamImageProcessor(pad_size={"height": 24, "width": 24}, size={"longest_edge": 24})
    masks = Outputs(pred_masks=rounded(2, 1, 3, 6, 6))
    for options in [{}, {"mask_threshold": 0.7}, {"binarize": False}]:
        sizes = {"original_sizes": [(14, 18), (10, 7)], "reshaped_input_sizes": [(19, 24), (24, 17)]}
        found = small.post_process_masks(masks.pred_masks, **sizes, **options)
        record("Sam", "Masks", masks, {**sizes, **options}, [each.tolist() for each in found])

    owlvit, owlv2 = transformers.OwlViTImageProcessor(), transformers.Owlv2ImageProcessor()
    looked_for = Outputs(logits=rounded(2, 9, 3), pred_boxes=boxes)
    for kind, processor in [("OwlViT", owlvit), ("Owlv2", owlv2)]:
        for options in [{}, {"threshold": 0.6, "target_sizes": [(480, 640), (333, 250)]}]:
            record(kind, "ObjectDetection", looked_for, options, lists(processor.post_process_object_detection(looked_for, **options)))
        shown = Outputs(logits=rounded(2, 9, 1), target_pred_boxes=boxes * 0.2 + 0.4)
        for options in [{}, {"threshold": 0.6, "nms_threshold": 0.1, "target_sizes": torch.tensor([(480, 640), (333, 250)])}, {"nms_threshold": 1.0}]:
            found = processor.post_process_image_guided_detection(shown, **options)
            given = {key: value.tolist() if isinstance(value, torch.Tensor) else value for key, value in options.items()}
            answer = [{"scores": each["scores"].tolist(), "labels": None, "boxes": each["boxes"].tolist()} for each in found]
            record(kind, "ImageGuidedDetection", shown, given, answer)

    def poses(found):
        return [[{key: value.tolist() for key, value in each.items()} for each in image] for image in found]

    vitpose = transformers.VitPoseImageProcessor()
    heatmaps = torch.nn.functional.interpolate(rounded(3, 4, 4, 3), (16, 12), mode="bicubic").mul(1e3).round().div(1e3)
    heatmaps[0, 1] = -heatmaps[0, 1].abs()  # nothing is there
    heatmaps[0, 0, 0, 0] = heatmaps[1, 2, 15, 11] = heatmaps[2, 3, 0, 6] = 9.0  # at an edge
    bodies = Outputs(heatmaps=heatmaps)
    boxes = [[[20.5, 10, 60, 90.25], [100, 50, 90, 80]], [], [[0.1, 0.2, 0.5, 0.25]]]
    for options in [{}, {"threshold": 3.5, "kernel_size": 3}, {"target_sizes": [(1, 1), (1, 1), (640, 480)], "kernel_size": 31}]:
        given = [[np.array(each) for each in image] for image in boxes]
        record("VitPose", "PoseEstimation", bodies, options | {"boxes": boxes}, poses(vitpose.post_process_pose_estimation(bodies, given, **options)))

    points = Outputs(keypoints=torch.rand(2, 5, 2), scores=torch.rand(2, 5), descriptors=rounded(2, 5, 3), mask=torch.tensor([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]]))
    options = {"target_sizes": [(480, 640), (333, 250)]}
    found = transformers.SuperPointImageProcessor().post_process_keypoint_detection(Outputs({key: torch.tensor(tensor_of(value)["values"]).reshape(value.shape) for key, value in points.items()}), **options)
    record("SuperPoint", "KeypointDetection", points, options, [{key: value.tolist() for key, value in each.items()} for each in found])
    write("post-process.json", {"cases": cases})


if __name__ == "__main__":
    files()
    resizing()
    processors()
    post_processing()
