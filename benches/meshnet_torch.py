"""Peer of `cargo bench --bench meshnet`: the same MeshNet in PyTorch on a volume of the same size.

Usage: meshnet_torch.py MODEL_FOLDER I J K RUNS [THREADS]. Prints one JSON line: {"torch", "threads", "seconds": [...]}.
Weights are read from MODEL_FOLDER/model.safetensors without further packages; the input is random, which costs the same.
"""

import json
import struct
import sys
import time

import torch
from torch.nn import functional


def tensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = bytearray(file.read())
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            flat = torch.frombuffer(data[start:end], dtype=torch.float32)
            yield name, flat.clone().reshape(entry["shape"])


def main():
    folder, size, runs = sys.argv[1], [int(n) for n in sys.argv[2:5]], int(sys.argv[5])
    torch.set_num_threads(int(sys.argv[6]) if len(sys.argv) > 6 else 2)
    with open(f"{folder}/config.json", encoding="utf-8") as file:
        config = json.load(file)
    weights = dict(tensors(f"{folder}/model.safetensors"))
    activation = {"relu": functional.relu_, "elu": functional.elu_, "gelu_erf": functional.gelu}[config["activation"]]
    x = torch.rand(1, 1, *size)
    seconds = []
    with torch.inference_mode():
        for _ in range(runs):
            start = time.perf_counter()
            y = x
            for n, dilation in enumerate(config["dilations"]):
                name = f"layers.{n}.conv"
                y = functional.conv3d(
                    y, weights[f"{name}.weight"], weights.get(f"{name}.bias"), padding=dilation, dilation=dilation
                )
                if config["norm"] == "instance":
                    y = functional.instance_norm(y, eps=config["norm_eps"])
                y = activation(y)
            labels = functional.conv3d(y, weights["output.weight"], weights.get("output.bias")).argmax(1)
            seconds.append(time.perf_counter() - start)
            del y, labels
    print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads(), "seconds": seconds}))


if __name__ == "__main__":
    main()
