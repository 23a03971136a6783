"""The compiled engine draws what the model draws, and steps aside where it cannot work."""

import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.conftest import ROOT
from vunet import Pose, Studio, VUNetError
from vunet.model import VUNet, VUNetConfig
from vunet.model.detail import channels_first, opaque_bytes, to_bytes
from vunet.person.tensors import condition
from vunet.runtime.engine import choose, choose_engine
from vunet.runtime.engine.eager import EagerEngine

CPU = torch.device("cpu")
CONFIGS = {
    "part codes": VUNetConfig(
        size=64, bottleneck=1, stem=4, width=8, max_width=16, crop_size=16, crop_width=8, layout="body", parts=12,
        part_channels=3, part_codes=2, prior_width=16,
    ),
    "sides": VUNetConfig(
        size=64, bottleneck=1, stem=4, width=8, max_width=16, crop_size=16, crop_width=8, layout="body", parts=12,
        part_channels=3, part_codes=2, prior_width=16, mannequin=True,
    ),
    "authors": VUNetConfig(size=64, bottleneck=2, width=8, max_width=16, crop_size=16, crop_width=8),
}  # fmt: skip
OTHER_POSE = Pose(Pose.default().joints * 0.8 + 0.1, np.ones(15, bool))


def inputs(model: VUNet, pose: Pose):
    tensors = {name: value[None] for name, value in condition(pose, model.config).items()}
    torch.manual_seed(1)
    with torch.no_grad():
        zs = model.sample(tensors["shape"])
    return tensors, zs


@pytest.fixture(params=CONFIGS, ids=lambda name: name.replace(" ", "-"))
def model(request) -> VUNet:
    torch.manual_seed(0)
    return VUNet(CONFIGS[request.param])


def test_the_compiled_picture_is_the_models(model):
    engine = choose_engine(model, CPU, torch.float32, "openvino")
    for pose in (Pose.default(), OTHER_POSE):
        shown, zs = inputs(model, pose)
        assert torch.allclose(engine.render(shown, zs), model.render(zs=zs, **shown), atol=1e-4)


@pytest.mark.parametrize("name", ["eager", "openvino"])
def test_a_limb_behind_another_is_not_drawn_there(name):
    torch.manual_seed(0)
    model = VUNet(CONFIGS["part codes"]).eval()
    engine = choose_engine(model, CPU, torch.float32, name)
    shown, zs = inputs(model, Pose.default())
    hidden = torch.zeros(1, 12, 64, 64)
    hidden[:, :6] = 1
    whole, without = engine.render(shown, zs), engine.render(shown, zs, hidden)
    assert torch.allclose(without, model.render(zs=zs, hidden=hidden, **shown), atol=1e-4)
    assert (whole - without).abs().max() > 1e-3
    assert torch.equal(engine.render(shown, zs), whole)


@pytest.mark.parametrize("name", ["eager", "openvino"])
def test_a_picture_is_corrected_where_parts_are_rotated(name):
    torch.manual_seed(0)
    model = VUNet(replace(CONFIGS["sides"], correction_width=8)).eval()
    for layer in (model.correction.flow, model.correction.out):
        torch.nn.init.normal_(layer.weight, std=0.05)
    shown, zs = inputs(model, Pose.default())
    engine = choose_engine(model, CPU, torch.float32, name)
    plain, rotated = model.render(zs=zs, **shown).detach(), torch.rand(1, 12)
    corrected = engine.render(shown | {"rotated": rotated}, zs)
    assert torch.allclose(corrected, model.render(zs=zs, rotated=rotated, **shown), atol=1e-3)
    assert (corrected - plain).abs().max() > 0.01
    assert torch.allclose(engine.render(shown | {"rotated": torch.zeros(1, 12)}, zs), plain, atol=1e-3)


@pytest.mark.parametrize("name", ["eager", "openvino"])
def test_the_doubled_picture_is_the_models(name):
    torch.manual_seed(0)
    model = VUNet(replace(CONFIGS["part codes"], detail_width=8)).eval()
    torch.nn.init.normal_(model.detail.out.weight, std=0.05)
    shape = condition(Pose.default(), model.config)["shape"][None]
    picture, copies = torch.rand(1, 3, 64, 64) * 2 - 1, torch.randint(0, 256, (1, 128, 128, 4), dtype=torch.uint8)
    certain = torch.randint(0, 256, (1, 64, 64), dtype=torch.uint8)
    with torch.no_grad():
        wanted = to_bytes(model.detail(picture, shape, channels_first(copies)), channels_first(copies), certain)
    engine = choose_engine(model, CPU, torch.float32, name)
    assert (engine.double(picture, shape, copies, certain).int() - wanted.int()).abs().max() <= 1


@pytest.mark.parametrize("name", ["eager", "openvino"])
def test_the_doubled_sample_is_the_models_also_of_many(name):
    torch.manual_seed(0)
    model = VUNet(replace(CONFIGS["part codes"], detail_width=8, sample_detail_width=8)).eval()
    torch.nn.init.normal_(model.sample_detail.out.weight, std=0.05)
    pictures, shapes = (torch.rand(2, 2, 3, 64, 64) * 2 - 1).unbind()
    with torch.no_grad():
        wanted = opaque_bytes(model.sample_detail(pictures, shapes))
    engine = choose_engine(model, CPU, torch.float32, name)
    assert (engine.double_sample(pictures, shapes).int() - wanted.int()).abs().max() <= 1


def test_half_precision_moves_no_part(studio_pair):
    """In bfloat16 the grids stay in single precision: no pixel of the picture moves, colours round."""
    eager, compiled = studio_pair
    look = eager.sample(Pose.default(), 1)[0]
    difference = np.abs(eager.render(look, Pose.default()).astype(int) - compiled.render(look, Pose.default()))
    assert np.percentile(difference, 99.9) <= 6 and difference.mean() < 2


@pytest.fixture(scope="module")
def studio_pair():
    compiled = Studio.load(device="cpu", engine="openvino", precision="bfloat16")  # integers: tests/runtime/test_int8.py
    return Studio.load(device="cpu", engine="eager"), compiled


def test_threads_do_not_mix_pictures(model):
    engine = choose_engine(model, CPU, torch.float32, "openvino")
    arguments = [inputs(model, pose) for pose in (Pose.default(), OTHER_POSE)]
    wanted = [engine.render(*a) for a in arguments]
    assert not torch.equal(*wanted)
    wrong = []

    def work(which: int) -> None:
        wrong.extend(i for i in range(30) if not torch.equal(engine.render(*arguments[which]), wanted[which]))

    threads = [threading.Thread(target=work, args=(i,)) for i in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_without_openvino_the_model_runs_eagerly(model, monkeypatch):
    monkeypatch.setattr(choose.importlib.util, "find_spec", lambda name: None)
    assert isinstance(choose_engine(model, CPU, torch.float32), EagerEngine)
    with pytest.raises(VUNetError, match="pip install openvino"):
        choose_engine(model, CPU, torch.float32, "openvino")


def test_a_model_that_cannot_be_compiled_runs_eagerly(model, monkeypatch):
    def fail(*_: object) -> None:
        raise RuntimeError("no kernel")

    monkeypatch.setattr("vunet.runtime.engine.openvino._compile", fail)
    with pytest.warns(UserWarning, match="more slowly"):
        assert choose_engine(model, CPU, torch.float32).name == "eager"
    with pytest.raises(VUNetError, match="cannot compile"):
        choose_engine(model, CPU, torch.float32, "openvino")


def test_the_compiler_of_pytorch_is_not_imported_to_draw():
    """It takes longer to import than everything else takes to load."""
    seen = "import sys; from vunet import Studio; Studio.load(device='cpu'); print('torch._dynamo' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", seen], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
