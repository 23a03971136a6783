"""The render graph compiled by OpenVINO: activations fused into convolutions, layouts planned once.

On CPUs it takes about half the time of eager PyTorch (`python -m vunet bench`). Compiling takes a second at load.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from vunet.model import VUNet

PRECISIONS = {torch.float32: "f32", torch.bfloat16: "bf16", torch.float16: "f16"}


class OpenVINOEngine:
    """E + D at batch 1, which on a CPU is as fast a picture as any larger batch.

    Two graphs: the part maps' sampling grids in single precision (in bfloat16 their 8 bits would make the parts jump), and
    the picture in the CPU's best. No arithmetic is left to PyTorch, whose idle threads spin on cores that others need.
    """

    name = "openvino"

    def __init__(self, model: VUNet, precision: torch.dtype) -> None:
        """Raises `RuntimeError` when OpenVINO cannot compile the model."""
        shape, zs, transforms = _example(model)
        grids = _Grids(model)(transforms)
        self._lock = threading.Lock()
        self._grids = _compile(_Grids(model), (transforms,), torch.float32) if grids else None
        self._picture = _compile(_Picture(model), (shape, *zs, *grids), precision)

    def render(self, shape: Tensor, zs: Sequence[Tensor], transforms: Tensor | None) -> Tensor:
        """See `Engine.render`."""
        with self._lock:
            grids = self._grids.infer([transforms.numpy()]).to_tuple() if self._grids and transforms is not None else ()
            picture = self._picture.infer([*(t.numpy() for t in (shape, *zs)), *grids], share_inputs=True)
            return torch.from_numpy(picture[0].copy())


class _Grids(nn.Module):
    """`Decoder.grids` as a module."""

    def __init__(self, model: VUNet) -> None:
        super().__init__()
        self.decoder = model.decoder

    def forward(self, transforms: Tensor) -> tuple[Tensor, ...]:
        return self.decoder.grids(transforms)


class _Picture(nn.Module):
    """`VUNet.render_at` with positional tensors."""

    def __init__(self, model: VUNet) -> None:
        super().__init__()
        self.model = model

    def forward(self, shape: Tensor, *rest: Tensor) -> Tensor:
        latents = self.model.config.latents
        return self.model.render_at(shape, rest[:latents], rest[latents:])


@torch.no_grad()
def _example(model: VUNet) -> tuple[Tensor, list[Tensor], Tensor]:
    """Inputs of the right shapes."""
    config = model.config
    shape = torch.zeros(1, 3, config.size, config.size)
    return shape, model.sample(shape, 0.0), torch.eye(3).expand(1, config.parts, 3, 3).contiguous()


def _compile(module: nn.Module, example: tuple[Tensor, ...], precision: torch.dtype) -> Any:
    """An inference request of the module's graph, for inputs shaped like the example's."""
    import openvino
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's remarks on shapes that are fixed here
        traced = torch.jit.trace(module.eval(), example, check_trace=False)
    # The front end itself instead of `openvino.convert_model`: a third of the time, and no telemetry.
    front = FrontEndManager().load_by_framework("pytorch")
    decoder = TorchScriptPythonDecoder(traced)
    graph = front.convert(front.load(decoder))
    graph.reshape({i: list(tensor.shape) for i, tensor in enumerate(example)})
    options = {"INFERENCE_PRECISION_HINT": PRECISIONS[precision], "PERFORMANCE_HINT": "LATENCY"}
    return openvino.Core().compile_model(graph, "CPU", options).create_infer_request()
