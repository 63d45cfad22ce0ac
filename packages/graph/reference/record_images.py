"""Record what torch answers, and its gradients, for operations over images and sound: python record_images.py > ../src/fixture/images.json

A case is an expression over the inputs below; its name is the name the test gives the same expression in TypeScript.
"""

import torch
import torch.nn.functional as F

from recording import dump

torch.manual_seed(0)
BATCH, CHANNELS, HEIGHT, WIDTH, LENGTH, OUT = 2, 4, 4, 5, 7, 6


def normal(*shape: int) -> torch.Tensor:
    return torch.randn(*shape)


# name: (dimensions as the graph names them, values)
inputs = {
    "picture": (["batch", CHANNELS, "height", "width"], normal(BATCH, CHANNELS, HEIGHT, WIDTH)),
    "image": (["batch", 2, 7, 9], normal(BATCH, 2, 7, 9)),
    "signal": (["batch", CHANNELS, "length"], normal(BATCH, CHANNELS, LENGTH)),
    "kernels": ([OUT, CHANNELS, 3, 3], normal(OUT, CHANNELS, 3, 3)),
    "windows": ([OUT, 2, 3, 4], normal(OUT, 2, 3, 4)),
    "tiles": ([OUT, CHANNELS, 2, 3], normal(OUT, CHANNELS, 2, 3)),
    "points": ([OUT, CHANNELS, 1, 1], normal(OUT, CHANNELS, 1, 1)),
    "halves": ([OUT, CHANNELS // 2, 3, 2], normal(OUT, CHANNELS // 2, 3, 2)),
    "alone": ([CHANNELS, 1, 3, 3], normal(CHANNELS, 1, 3, 3)),
    "taps": ([OUT, CHANNELS, 3], normal(OUT, CHANNELS, 3)),
    "taps alone": ([2 * CHANNELS, 1, 4], normal(2 * CHANNELS, 1, 4)),
    "upward": ([CHANNELS, OUT, 3, 2], normal(CHANNELS, OUT, 3, 2)),
    "upward halves": ([CHANNELS, OUT // 2, 2, 3], normal(CHANNELS, OUT // 2, 2, 3)),
    "upward taps": ([CHANNELS, OUT, 4], normal(CHANNELS, OUT, 4)),
    "outputs": ([OUT], normal(OUT)),
    "scales": ([CHANNELS], normal(CHANNELS)),
    "offsets": ([CHANNELS], normal(CHANNELS)),
    "centers": ([CHANNELS], normal(CHANNELS)),
    "variances": ([CHANNELS], normal(CHANNELS).abs() + 0.1),
}
for name, (_, values) in inputs.items():
    values.requires_grad_(name not in ("centers", "variances"))  # numbers nobody trains
v = {name: values for name, (_, values) in inputs.items()}
picture, image, signal, outputs = v["picture"], v["image"], v["signal"], v["outputs"]


def same(t: torch.Tensor, kernel: int, stride: int) -> torch.Tensor:
    """TensorFlow's padding, as MobileNetV2's in transformers."""
    sides = []
    for size in reversed(t.shape[2:]):
        missing = max(kernel - (size % stride or stride), 0)
        sides += [missing // 2, missing - missing // 2]
    return F.pad(t, sides)


def sized(t: torch.Tensor, *size: int, **options) -> torch.Tensor:
    return F.interpolate(t, size=size, **options)


norm = F.batch_norm(picture, v["centers"], v["variances"], v["scales"], v["offsets"], eps=0.05)
cases = {
    "convolution": F.conv2d(picture, v["kernels"], outputs, padding=1),
    "convolution, no bias": F.conv2d(picture, v["kernels"]),
    "convolution, stride": F.conv2d(picture, v["kernels"], outputs, stride=(2, 3), padding=1),
    "convolution, places left over": F.conv2d(picture, v["kernels"], outputs, stride=(3, 2), padding=(2, 0)),
    "convolution, dilation": F.conv2d(picture, v["kernels"], outputs, stride=(1, 2), padding=(2, 1), dilation=(2, 3)),
    "convolution, uneven padding": F.conv2d(F.pad(picture, (2, 0, 0, 1)), v["kernels"], outputs, stride=2),
    "convolution, same": F.conv2d(same(picture, 3, 2), v["kernels"], outputs, stride=2),
    "convolution, same, depthwise": F.conv2d(same(picture, 3, 1), v["alone"], groups=CHANNELS),
    "convolution, groups": F.conv2d(picture, v["halves"], outputs, padding=1, stride=2, groups=2),
    "convolution, depthwise": F.conv2d(picture, v["alone"], v["offsets"], padding=1, groups=CHANNELS),
    "convolution, points": F.conv2d(picture, v["points"], outputs),
    "convolution, points, stride": F.conv2d(picture, v["points"], stride=2),
    "convolution, tiles": F.conv2d(picture, v["tiles"], outputs, stride=(2, 3)),
    "convolution, tiles of a known size": F.conv2d(image, v["windows"], outputs, stride=(3, 4)),
    "convolution of a known size": F.conv2d(image, v["windows"], outputs, stride=2, padding=(1, 2)),
    "convolution of a known size, same": F.conv2d(same(image, 3, 2), v["halves"][:, :, :, :1].expand(-1, -1, -1, 3), stride=2),
    "convolution of sound": F.conv1d(signal, v["taps"], outputs, stride=2, padding=1),
    "convolution of sound, dilation": F.conv1d(signal, v["taps"], dilation=2),
    "convolution of sound, depthwise": F.conv1d(signal, v["taps alone"], padding=2, groups=CHANNELS),
    "transposed convolution": F.conv_transpose2d(picture, v["upward"], outputs, stride=2, padding=1, output_padding=(1, 0)),
    "transposed convolution, dilation": F.conv_transpose2d(picture, v["upward"], stride=(1, 3), dilation=(2, 1)),
    "transposed convolution, groups": F.conv_transpose2d(picture, v["upward halves"], outputs, stride=2, groups=2),
    "transposed convolution of sound": F.conv_transpose1d(signal, v["upward taps"], outputs, stride=2, padding=1),
    "max pool": F.max_pool2d(picture, 3, stride=2, padding=1),
    "max pool, ties": F.max_pool2d(picture.relu(), 3, stride=2, padding=1),
    "max pool of a known size": F.max_pool2d(image, (2, 3)),
    "average pool": F.avg_pool2d(picture, 2),
    "average pool, padding": F.avg_pool2d(picture, (3, 2), stride=(2, 1), padding=1),
    "mean of places": F.adaptive_avg_pool2d(picture, 1),
    "batch norm": norm,
    "batch norm of sound": F.batch_norm(signal, v["centers"], v["variances"], v["scales"], v["offsets"], eps=0.05),
    "convolution and batch norm": F.batch_norm(
        F.conv2d(picture, v["alone"], padding=1, groups=CHANNELS), v["centers"], v["variances"], v["scales"], v["offsets"], eps=0.05
    ).relu(),
    "group norm": F.group_norm(picture, 2, v["scales"], v["offsets"], eps=0.05),
    "group norm of channels": F.group_norm(signal, CHANNELS, v["scales"], v["offsets"], eps=0.05),
    "relu6": F.relu6(6 * signal),
    "pad": F.pad(picture, (1, 0, 2, 3)),
    "pad, value": F.pad(image, (2, 1), value=1.5),
    "pad, mirrored": F.pad(picture, (2, 1, 3, 0), mode="reflect"),
    "pad, mirrored, known size": F.pad(image, (2, 1, 3, 0), mode="reflect"),
    "roll": picture.roll((1, -2), (2, 3)),
    "roll, known size": image.roll((-9, 3), (2, 3)),
    "slice to a name": picture[:, :, 1:],
    "slices of a name": torch.cat([picture[:, :, 2:] * picture[:, :, :-2], picture[:, :, 1:-1]], 1),
    "concat, names": torch.cat([picture, picture[:, :, 1:]], 2),
    "nearest": sized(picture, 9, 3, mode="nearest"),
    "nearest, scale": F.interpolate(picture, scale_factor=2, mode="nearest"),
    "nearest, known size": sized(image, 3, 21, mode="nearest"),
    "bilinear": sized(picture, 11, 4, mode="bilinear"),
    "bilinear, corners": sized(picture, 3, 10, mode="bilinear", align_corners=True),
    "bilinear, scale": F.interpolate(picture, scale_factor=2, mode="bilinear"),
    "bilinear, known size": sized(image, 14, 5, mode="bilinear"),
    "bilinear, one row": sized(picture[:, :, 1:2], 4, 6, mode="bilinear"),
    "bilinear, to one row": sized(picture, 1, 6, mode="bilinear", align_corners=True),
    "bilinear, one place": sized(picture[:, :, 1:2].mean(3, keepdim=True), HEIGHT, WIDTH, mode="bilinear"),
    "bilinear, antialias": sized(picture, 3, 9, mode="bilinear", antialias=True),
    "bicubic": sized(picture, 8, 3, mode="bicubic"),
    "bicubic, corners": sized(image, 5, 12, mode="bicubic", align_corners=True),
    "bicubic, antialias": sized(image, 3, 4, mode="bicubic", antialias=True),
    "cumsum of numbers": signal.cumsum(1),
}
dump(inputs, cases, {"batch": BATCH, "height": HEIGHT, "width": WIDTH, "length": LENGTH})
