"""A few validation digits, to be seen beside a live run while the network learns to read them."""

from __future__ import annotations

import base64
import io
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from lrlab.data import Images

SIDE = 28  # pixels


def hard_ones(images: Images, count: int) -> Tensor:
    """The numbers of `count` validation images, int64: of those hard to read, sorted by label.

    These look more like the average image of another class than like that of their own. An easy
    one would be read rightly before the first epoch is over.
    """
    x, y = images.x_val, images.y_val
    classes = y.unique()
    average = torch.stack([x[y == label].mean(dim=0) for label in classes])
    nearest = classes[torch.cdist(x, average).argmin(dim=1)]
    chosen = (nearest == y).int().argsort(stable=True)[:count]
    return chosen[y[chosen].argsort(stable=True)]


def shown(images: Images, chosen: Tensor) -> dict[str, Any]:
    """What a page needs to draw the chosen validation images.

    `labels`, and `strip`: the address of a PNG with one beside the other, opaque where the ink is.
    """
    pixels = images.x_val[chosen]
    pixels = (pixels - pixels.min()) / (pixels.max() - pixels.min()) * 255
    ink = torch.cat(list(pixels.view(-1, SIDE, SIDE)), dim=1).round().to(torch.uint8)
    alpha = Image.fromarray(ink.numpy())
    buffer = io.BytesIO()
    Image.merge("LA", (Image.new("L", alpha.size), alpha)).save(buffer, "png", optimize=True)
    data = base64.b64encode(buffer.getvalue()).decode()
    return {"labels": images.y_val[chosen].tolist(), "strip": f"data:image/png;base64,{data}"}


@torch.no_grad()
def read(model: nn.Module, x: Tensor) -> list[int]:
    """The class that the model gives each image of x (N, 784)."""
    return model(x).argmax(dim=1).tolist()
