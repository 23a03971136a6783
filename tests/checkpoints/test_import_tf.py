"""The authors' checkpoints, as TensorFlow wrote them. `optimised.ckpt` was written by TensorFlow 2.21's Saver with Adam."""

import shutil

import numpy as np
import pytest
import torch

from tests.conftest import DATA
from vunet import BadCheckpoint, Pose, Studio, from_tf_variables
from vunet.checkpoints import save_checkpoint
from vunet.checkpoints.tensorflow import import_tf
from vunet.checkpoints.tf_bundle import read_bundle


@pytest.fixture
def checkpoint(tmp_path):
    for name in ("vunet32.ckpt.index", "vunet32.ckpt.data-00000-of-00001"):
        shutil.copy(DATA / name, tmp_path)
    return tmp_path / "vunet32.ckpt"


def test_every_array_is_read_as_tensorflow_wrote_it(checkpoint):
    arrays, expected = read_bundle(checkpoint), np.load(DATA / "variables.npz")
    assert {name.replace("/", ".") for name in arrays} == set(expected.files)
    assert all(np.array_equal(value, expected[name.replace("/", ".")]) for name, value in arrays.items())


@torch.no_grad()
def test_the_result_is_the_authors_function(checkpoint):
    model, left = import_tf(checkpoint)
    expected = np.load(DATA / "expected.npz")
    crops, shape = (torch.from_numpy(expected[name]).permute(0, 3, 1, 2) for name in ("xn", "c"))
    image, _ = model.decode(shape, [q.mean for q in model.posterior(crops)])
    assert {name.rpartition("/")[0] for name in left} == {"enc_down/conv2d_7", "enc_down/conv2d_8", "enc_down/dense_5"}
    assert np.abs(image.permute(0, 2, 3, 1).numpy() - expected["reconstruction"]).max() < 1e-4


@pytest.mark.parametrize("name", ["vunet32.ckpt", "vunet32.ckpt.index", "."])
def test_the_prefix_the_index_and_the_folder_name_the_same(checkpoint, name):
    assert len(read_bundle(checkpoint.parent / name)) == len(np.load(DATA / "variables.npz").files)


def test_what_an_optimiser_left_behind_is_named_and_left_out():
    model, left = import_tf(DATA / "optimised.ckpt")
    rest = {name.rpartition("/")[2] for name in left if not name.endswith(("/V", "/g", "/b"))}
    assert rest == {"Adam", "Adam_1", "beta1_power", "beta2_power", "global_step"}
    assert model.config == import_tf(DATA / "vunet32.ckpt")[0].config


def test_layers_that_are_none_of_the_graphs_are_refused():
    variables = read_bundle(DATA / "vunet32.ckpt")
    invented = variables | {f"enc_down/conv2d_99/{part}": variables[f"enc_down/conv2d_0/{part}"] for part in "Vgb"}
    narrow = variables | {"enc_up/dense_0/g": variables["enc_up/dense_0/g"][:1]}
    nan = variables | {"enc_up/dense_0/b": variables["enc_up/dense_0/b"] * np.nan}
    flat = variables | {"enc_up/dense_0/V": variables["enc_up/dense_0/V"].ravel()}
    for broken in (invented, narrow, nan, flat):
        with pytest.raises(BadCheckpoint):
            from_tf_variables(broken)


def test_the_result_runs_in_a_studio_with_the_authors_crops(checkpoint, tmp_path, people):
    model, _ = import_tf(checkpoint)
    save_checkpoint(model, tmp_path / "authors.safetensors")
    studio = Studio.load(tmp_path / "authors.safetensors", device="cpu", engine="eager")
    assert studio.config.layout == "authors" and not studio.config.smooth_shape
    look = studio.encode(studio.place(people[0]))
    assert studio.render(look, Pose.default()).shape == (32, 32, 3)


@pytest.mark.parametrize("cut", [0, 10, 100, 5000])
def test_a_cut_index_is_refused(checkpoint, cut):
    index = checkpoint.with_name("vunet32.ckpt.index")
    index.write_bytes(index.read_bytes()[:cut])
    with pytest.raises(BadCheckpoint):
        read_bundle(checkpoint)


def test_cut_data_and_missing_files_are_refused(checkpoint):
    data = checkpoint.with_name("vunet32.ckpt.data-00000-of-00001")
    data.write_bytes(data.read_bytes()[:1000])
    with pytest.raises(BadCheckpoint, match="damaged"):
        read_bundle(checkpoint)
    data.unlink()
    with pytest.raises(BadCheckpoint, match="There is no"):
        read_bundle(checkpoint)


def test_mutated_indexes_never_end_in_another_error(checkpoint):
    index = checkpoint.with_name("vunet32.ckpt.index")
    whole, rng = index.read_bytes(), np.random.default_rng(0)
    for _ in range(300):
        mutated = bytearray(whole)
        for at in rng.integers(0, len(whole), 4):
            mutated[at] = rng.integers(0, 256)
        index.write_bytes(mutated)
        try:
            import_tf(checkpoint)
        except BadCheckpoint:
            continue
