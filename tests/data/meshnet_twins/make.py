"""Makes the small random-weight twins in this folder with PyTorch: weights, an input, and the output of every layer.

Usage: make.py (writes beside itself). Layout of every tensor is the published one: [1, C, I, J, K], weights [O, C, I, J, K].
"""

import json
import pathlib
import struct

import torch
from torch.nn import functional

TWINS = {
    "elu": dict(hidden=4, classes=3, dilations=[1, 2, 4], activation="elu", norm=None, conv_bias=True),
    "instance_gelu": dict(
        hidden=3, classes=2, dilations=[2, 1], activation="gelu_erf", norm="instance", conv_bias=False
    ),
}


def save(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = tensor.contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def make(folder, twin):
    folder.mkdir(exist_ok=True)
    hidden, inputs, weights = twin["hidden"], 1, {}
    for n in range(len(twin["dilations"])):
        weights[f"layers.{n}.conv.weight"] = torch.randn(hidden, inputs, 3, 3, 3) * (2 / (27 * inputs)) ** 0.5
        if twin["conv_bias"]:
            weights[f"layers.{n}.conv.bias"] = torch.randn(hidden) * 0.1
        inputs = hidden
    weights["output.weight"] = torch.randn(twin["classes"], hidden, 1, 1, 1)
    weights["output.bias"] = torch.randn(twin["classes"])
    activation = {"elu": functional.elu, "gelu_erf": functional.gelu}[twin["activation"]]
    y = torch.rand(1, 1, 7, 9, 11)
    reference = {"input": y}
    for n, dilation in enumerate(twin["dilations"]):
        name = f"layers.{n}.conv"
        bias = weights.get(f"{name}.bias")
        y = functional.conv3d(y, weights[f"{name}.weight"], bias, padding=dilation, dilation=dilation)
        if twin["norm"] == "instance":
            y = functional.instance_norm(y, eps=1e-5)
        y = activation(y)
        reference[f"layer.{n}"] = y
    reference["logits"] = functional.conv3d(y, weights["output.weight"], weights["output.bias"])
    config = {
        "architecture": "meshnet",
        "task": "segmentation",
        "num_classes": twin["classes"],
        "hidden_channels": hidden,
        "kernel_size": 3,
        "dilations": twin["dilations"],
        "norm": twin["norm"],
        "norm_eps": 1e-5 if twin["norm"] else None,
        "activation": twin["activation"],
        "conv_bias": twin["conv_bias"],
        "output_bias": True,
        "padding": "same_zero",
        "intensity_normalization": "minmax",
        "input_spacing_mm": [1.0, 1.0, 1.0],
        "input_orientation": "LIA",
        "input_shape": [32, 32, 32],
        "crop": {"rule": "none"},
        "labels": ["background"] + [f"class {n}" for n in range(1, twin["classes"])],
    }
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    save(folder / "model.safetensors", weights)
    save(folder / "reference.safetensors", reference)


if __name__ == "__main__":
    torch.manual_seed(2)
    for name, twin in TWINS.items():
        make(pathlib.Path(__file__).parent / name, twin)
