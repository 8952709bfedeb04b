"""3x3 convolutions by Winograd's minimal filtering: the same answer with a quarter of the multiplications.

Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016: F(4x4, 3x3). Tiles of 6 x 6 values at
stride 4 and the kernel are transformed, multiplied position by position (36 products of matrices over the channels),
and transformed back to 4 x 4 results. oneDNN has no such kernel for today's CPUs, and where the channels are many the
matrix products outweigh the transformations. float32 only: the transformations amplify rounding about fivefold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

TILE = 4
_LEAST_CHANNELS = 1 << 16  # in x out; measured: below there is nothing to gain
_TILES_AT_ONCE = 112  # keeps the tiles in the cache; measured
_KERNEL_TRANSFORM = torch.tensor(
    [
        [1 / 4, 0, 0],
        [-1 / 6, -1 / 6, -1 / 6],
        [-1 / 6, 1 / 6, -1 / 6],
        [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6],
        [0, 0, 1],
    ],
    dtype=torch.float64,
)


class Enlarged:
    """A map enlarged bilinearly (align_corners True), computed a few rows at a time.

    Args:
        x: (B, C, h, w).
        size: (H, W), of the enlarged map.
    """

    def __init__(self, x: Tensor, size: Sequence[int]) -> None:
        self.x, self.size = x, (size[0], size[1])
        self.shape = torch.Size((*x.shape[:2], *self.size))

    def whole(self) -> Tensor:
        """(B, C, H, W)."""
        return F.interpolate(self.x, self.size, mode="bilinear", align_corners=True)

    def rows(self, index: int, first: int, last: int) -> Tensor:
        """Rows of one map of the batch, (last - first, W, C)."""
        small, height = self.x.shape[2], self.size[0]
        place = torch.arange(first, last, device=self.x.device) * ((small - 1) / max(height - 1, 1))
        above = place.floor().clamp(max=small - 1).long()
        share = (place - above).to(self.x.dtype)[:, None]
        x = self.x[index : index + 1]
        x = torch.lerp(x[:, :, above], x[:, :, (above + 1).clamp(max=small - 1)], share)
        return F.interpolate(x, (last - first, self.size[1]), mode="bilinear", align_corners=True)[0].permute(1, 2, 0)


def wide(weight: Tensor) -> bool:
    """Whether a kernel (O, C, 3, 3) has so many channels, in float32, that the transformations pay."""
    return weight.dtype == torch.float32 and weight.shape[0] * weight.shape[1] >= _LEAST_CHANNELS


def worthwhile(x: Tensor, weight: Tensor, size: Sequence[int]) -> bool:
    """Whether :func:`convolve` is faster than ``F.conv2d`` on maps like x of this size, and needs no gradient."""
    return (
        x.device.type == "cpu"
        and x.dtype == torch.float32
        and not torch.is_grad_enabled()
        and not torch.is_autocast_enabled("cpu")
        and wide(weight)
        and size[0] * size[1] >= TILE * TILE * _TILES_AT_ONCE // 4
    )


def unchanged(x: Tensor) -> Tensor:
    """x itself."""
    return x


def conv3x3(
    maps: Sequence[Tensor | Enlarged],
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    then: Callable[[Tensor], Tensor] = unchanged,
) -> Tensor:
    """``then(F.conv2d(torch.cat(maps, 1), weight, bias, padding=1))``, by Winograd's algorithm where that is faster.

    Args:
        maps: each (B, C_i, H, W); C is the sum of their channels.
        weight: (O, C, 3, 3); quickest where it lies in memory as :func:`stored_by_tap` leaves it.
        bias: (O,).
        then: see :func:`convolve`.

    Returns:
        (B, O, H, W), or what `then` makes of it.
    """
    first = maps[0].x if isinstance(maps[0], Enlarged) else maps[0]
    if worthwhile(first, weight, maps[0].shape[2:]):
        return convolve(maps, transformed(weight), bias, then=then)
    whole = [m.whole() if isinstance(m, Enlarged) else m for m in maps]
    return then(F.conv2d(whole[0] if len(whole) == 1 else torch.cat(whole, dim=1), weight, bias, padding=1))


def stored_by_tap(weight: Tensor) -> Tensor:
    """The same (O, C, 3, 3) tensor, in memory as (3, 3, C, O), which :func:`transformed` reads without a copy."""
    return weight.permute(2, 3, 1, 0).contiguous().permute(3, 2, 0, 1)


def transformed(weight: Tensor, mix: Tensor | None = None) -> Tensor:
    """The kernel in the domain of the products.

    Args:
        weight: (O, C, 3, 3) float32.
        mix: (9, 9), new taps as weights of the old ones, applied to the kernel first; for kernels that are turned.

    Returns:
        (36, C, O) float32.
    """
    out_channels, in_channels = weight.shape[:2]
    matrix = torch.kron(_KERNEL_TRANSFORM, _KERNEL_TRANSFORM).to(weight)
    if mix is not None:
        matrix = matrix @ mix
    taps = weight.permute(2, 3, 1, 0).reshape(9, in_channels * out_channels)
    return (matrix @ taps).view(36, in_channels, out_channels)


def convolve(
    maps: Sequence[Tensor | Enlarged],
    kernel: Tensor,
    bias: Tensor | None = None,
    *,
    then: Callable[[Tensor], Tensor] = unchanged,
) -> Tensor:
    """3x3 convolution of joined maps with zero padding of one, from the transformed kernel.

    Args:
        maps: each (B, C_i, H, W) float32, quickest in channels-last memory.
        kernel: (36, C, O), of :func:`transformed`.
        bias: (O,).
        then: what becomes of the result, (1, O, h, W) to (1, P, h, W), every position by itself: it is given some
            rows at a time, which are still in the cache, so that nothing of O channels is kept. It may change them.

    Returns:
        (B, P, H, W) in channels-last memory.
    """
    batch, _, height, width = maps[0].shape
    channels, out_channels = kernel.shape[1:]
    rows, columns = -(-height // TILE), -(-width // TILE)
    step = max(1, -(-_TILES_AT_ONCE // columns))
    out: Tensor | None = None
    for index in range(batch):
        for start in range(0, rows, step):
            count = min(step, rows - start)
            strip = kernel.new_zeros(TILE * count + 2, TILE * columns + 2, channels)
            top = TILE * start - 1
            first, last = max(top, 0), min(TILE * (start + count) + 1, height)
            parts = strip[first - top : last - top, 1 : width + 1].split([m.shape[1] for m in maps], dim=2)
            for part, m in zip(parts, maps, strict=True):
                part.copy_(
                    m.rows(index, first, last) if isinstance(m, Enlarged) else m[index, :, first:last].permute(1, 2, 0)
                )
            result = kernel.new_empty(TILE * count, TILE * columns, out_channels)
            _convolve_strip(strip, kernel, result)
            result = result[: height - TILE * start, :width]
            if bias is not None:
                result += bias
            done = then(result.permute(2, 0, 1)[None])[0].permute(1, 2, 0)
            if out is None:
                out = done.new_empty(batch, height, width, done.shape[2])
            out[index, TILE * start : TILE * (start + count)] = done
    assert out is not None, "maps of no image or no rows"
    return out.permute(0, 3, 1, 2)


def _convolve_strip(strip: Tensor, kernel: Tensor, result: Tensor) -> None:
    """(4 r + 2, 4 c + 2, C), padded, into (4 r, 4 c, O)."""
    rows, columns = result.shape[0] // TILE, result.shape[1] // TILE
    channels, out_channels = kernel.shape[1:]
    half = strip.new_empty(6, rows, strip.shape[1], channels)
    _to_products([strip[i : i + TILE * rows - 3 : TILE] for i in range(6)], half.unbind(0))
    tiles = strip.new_empty(6, 6, rows, columns, channels)
    _to_products([half[:, :, j : j + TILE * columns - 3 : TILE] for j in range(6)], tiles.unbind(1))
    products = torch.bmm(tiles.view(36, rows * columns, channels), kernel).view(6, 6, rows, columns, out_channels)
    half = strip.new_empty(TILE, 6, rows, columns, out_channels)
    _from_products(products.unbind(0), half.unbind(0))
    places = result.view(rows, TILE, columns, TILE, out_channels).permute(3, 1, 0, 2, 4)
    _from_products(half.unbind(1), places.unbind(0))


def _to_products(d: Sequence[Tensor], t: Sequence[Tensor]) -> None:
    """Six values of a tile, along one axis, to the domain of the products: t = B^T d of the paper."""
    even, odd = torch.sub(d[4], d[2], alpha=4), torch.sub(d[3], d[1], alpha=4)
    torch.add(even, odd, out=t[1])
    torch.sub(even, odd, out=t[2])
    torch.sub(d[4], d[2], out=even)
    torch.sub(d[3], d[1], out=odd)
    torch.add(even, odd, alpha=2, out=t[3])
    torch.sub(even, odd, alpha=2, out=t[4])
    torch.add(even, torch.sub(d[0], d[2]), alpha=4, out=t[0])
    torch.sub(torch.sub(d[5], d[3]), odd, alpha=4, out=t[5])


def _from_products(m: Sequence[Tensor], y: Sequence[Tensor]) -> None:
    """Six products to four results, along one axis: y = A^T m of the paper."""
    near, far = m[1] + m[2], m[3] + m[4]
    torch.add(near, far, out=y[0]).add_(m[0])
    torch.add(near, far, alpha=4, out=y[2])
    torch.sub(m[1], m[2], out=near)
    torch.sub(m[3], m[4], out=far)
    torch.add(near, far, alpha=2, out=y[1])
    torch.add(near, far, alpha=8, out=y[3]).add_(m[5])
