"""The command line as a user calls it."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from tests.conftest import DATA, ROOT
from tests.serving import heeding_ctrl_c
from vunet import Pose
from vunet.cli import app
from vunet.person.photo import load_photo

COMMANDS = [
    "render", "transfer", "sample", "animate", "prepare", "pack", "train", "train-prior", "evaluate", "export", "import-tf",
    "push", "space", "bench", "growth", "page", "export-onnx",
]  # fmt: skip


def run(*words, code=0):
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def photos(tmp_path, people, street):
    """A folder with two photos of people, one of nobody, and one that is no photo."""
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    Image.fromarray(street).save(folder / "street.jpg")
    Image.fromarray(load_photo(people[1])).resize((512, 512)).save(folder / "more" / "second.png")
    Image.fromarray(np.full((200, 200, 3), 90, np.uint8)).save(folder / "nobody.png")
    (folder / "broken.jpg").write_bytes(b"no photo")
    return folder


@pytest.fixture
def pose_file(tmp_path, raised):
    path = tmp_path / "raised.json"
    path.write_text(json.dumps(raised.to_dict()))
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command):
    assert f"python -m vunet {command}" in run(command, "--help").output


def test_render_takes_a_folder_names_what_it_refuses_and_goes_on_where_it_stopped(photos, pose_file, tmp_path):
    out, report = tmp_path / "out", tmp_path / "report.json"
    result = run("render", photos, pose_file, out, "--json", report, code=1)
    assert sorted(p.relative_to(out).as_posix() for p in out.rglob("*.png")) == ["more/second.png", "street.png"]
    told = json.loads(report.read_text())
    assert told["done"] == 2 and {name.rpartition("/")[2] for name in told["refused"]} == {"nobody.png", "broken.jpg"}
    assert "nobody.png: No person" in result.output and "Traceback" not in result.output
    before = (out / "street.png").stat().st_mtime_ns
    run("render", photos, pose_file, out, "--json", report, code=1)
    assert json.loads(report.read_text())["kept"] == 2 and (out / "street.png").stat().st_mtime_ns == before


def test_one_photo_in_the_pose_of_another(photos, tmp_path, studio):
    out = tmp_path / "new" / "picture.png"
    run("render", photos / "street.jpg", photos / "more" / "second.png", out)
    look = studio.encode(studio.detect(photos / "street.jpg"))
    expected = studio.render(look, studio.detect(photos / "more" / "second.png").pose)
    assert np.abs(load_photo(out).astype(int) - expected).mean() < 1


def test_transfer_is_every_look_in_every_pose_with_two_workers(photos, pose_file, tmp_path):
    poses, looks, out = tmp_path / "poses", tmp_path / "looks", tmp_path / "matrix"
    poses.mkdir()
    looks.mkdir()
    for path in (photos / "street.jpg", photos / "more" / "second.png"):
        (looks / path.name).write_bytes(path.read_bytes())
    (poses / "raised.json").write_text(pose_file.read_text())
    (poses / "second.png").write_bytes((photos / "more" / "second.png").read_bytes())
    run("transfer", looks, poses, out, "--workers", 2)
    names = ["second--raised", "second--second", "street--raised", "street--second"]
    assert sorted(p.stem for p in out.iterdir()) == names
    pictures = [load_photo(out / f"{name}.png").astype(int) for name in names]
    assert all(np.abs(a - b).mean() > 1 for i, a in enumerate(pictures) for b in pictures[:i])


def test_transfer_of_one_part_keeps_the_rest(photos, tmp_path, studio):
    second, street, out = photos / "more" / "second.png", photos / "street.jpg", tmp_path / "out"
    run("transfer", second, street, out, "--part", "legs")
    person = studio.detect(street)
    expected = studio.outfit(studio.encode(person), legs=studio.encode(studio.detect(second)))
    drawn = load_photo(out / "second--street.png").astype(int)
    assert np.abs(drawn - studio.render(expected, person.pose)).mean() < 1
    assert np.abs(drawn - studio.render(studio.encode(person), person.pose)).mean() > 0.5


@pytest.mark.parametrize("ending", ["gif", "webm"])
def test_animate_writes_a_film(photos, tmp_path, ending):
    out = tmp_path / f"walk.{ending}"
    run("animate", photos / "street.jpg", out, "--seconds", 0.1)
    assert out.stat().st_size > 10_000
    if ending == "gif":
        assert Image.open(out).n_frames >= 4
    assert list(tmp_path.glob(".unfinished*")) == []


def test_animate_through_own_key_poses(photos, pose_file, tmp_path):
    standing = tmp_path / "standing.json"
    standing.write_text(json.dumps(Pose.default().to_dict()))
    out = tmp_path / "own.gif"
    run("animate", photos / "street.jpg", out, "--keys", standing, "--keys", pose_file, "--seconds", 0.2)
    assert Image.open(out).n_frames == 10
    assert "walk, wave" in run("animate", photos / "street.jpg", out, "--motion", "fly", code=1).output


def test_sample_tells_what_it_wrote(tmp_path):
    report = tmp_path / "report.json"
    run("sample", tmp_path / "out", "--count", 3, "--seed", 5, "--json", report)
    told = json.loads(report.read_text())
    assert len(told["pictures"]) == 3 and told["seed"] == 5
    assert len({load_photo(path).tobytes() for path in told["pictures"]}) == 3


def test_the_terminal_holds_json_alone_where_it_is_asked_for(photos, tmp_path):
    told = run("space", tmp_path / "space", "--local", "--json", "-")
    assert json.loads(told.stdout)["files"] > 50 and "files" in told.stderr
    assert json.loads(run("prepare", photos, tmp_path / "people", "--json", "-").stdout)


def test_prepare_by_two_workers_gives_what_one_gives(photos, tmp_path):
    for name, workers in (("one", 1), ("two", 2)):
        run("prepare", photos, tmp_path / name, "--workers", workers)
    one, two = (sorted((tmp_path / name / "index.jsonl").read_text().splitlines()) for name in ("one", "two"))
    assert one == two and len(one) == 2
    assert len((tmp_path / "two" / "refused.jsonl").read_text().splitlines()) == 2


def test_photos_of_one_name_do_not_hide_each_other(people, tmp_path):
    looks, poses = tmp_path / "looks", tmp_path / "poses"
    for path in (looks / "a" / "1.png", looks / "b" / "1.png", looks / "a" / "1.jpg", poses / "p.png"):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(load_photo(people[len(path.parts) % 3])).convert("RGB").save(path)
    (poses / "p.json").write_text(json.dumps(Pose.default().to_dict()))
    run("transfer", looks, poses, tmp_path / "out")
    drawn = sorted(p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.png"))
    assert len(drawn) == 6 and "b/1--p.png.png" in drawn and "a/1.jpg--p.json.png" in drawn
    run("render", looks / "a" / "1.png", poses / "p.json", looks)
    assert (looks / "1.png").exists()


def test_ctrl_c_ends_a_folder_in_the_middle(people, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    for i in range(40):
        (photos / f"{i:02d}.png").write_bytes(people[0].read_bytes())
    for workers in ("1", "2"):
        out = tmp_path / workers
        words = [photos, out, "--form", "gif", "--seconds", "0.1", "--workers", workers]
        command = [sys.executable, "-m", "vunet", "animate", *words]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, env=environment, cwd=tmp_path, preexec_fn=heeding_ctrl_c
        )  # fmt: skip
        finished = "[0-9]*.gif"
        while not list(out.glob(finished)):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 130 and "goes on where it stopped" in told and "Traceback" not in told
        assert 1 <= len(list(out.glob(finished))) < 40 and not list(out.glob(".unfinished*"))


def test_a_worker_that_cannot_start_is_one_sentence(photos, tmp_path):
    words = ["render", str(photos), str(photos / "street.jpg"), "out", "--workers", "2", "--checkpoint", "nope.safetensors"]
    command = [sys.executable, "-m", "vunet", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment, check=False)
    assert result.returncode == 1 and "no checkpoint at nope" in result.stderr and "Traceback" not in result.stderr


def test_import_tf_writes_a_checkpoint_that_renders(tmp_path, photos, pose_file):
    out = tmp_path / "authors.safetensors"
    run("import-tf", DATA / "vunet32.ckpt", out)
    run("render", photos / "street.jpg", pose_file, tmp_path / "x.png", "--checkpoint", out)
    assert load_photo(tmp_path / "x.png").shape == (32, 32, 3)


@pytest.mark.parametrize(
    "words, code, sentence",
    [
        (["render", "nothing.jpg", "nothing.json", "out.png"], 1, "no pose file"),
        (["render", "assets/people/00.webp", "assets/people/01.webp", "out.xyz"], 1, "cannot be written"),
        (["sample", "out", "--count", "1000"], 1, "1 to 64 looks"),
        (["sample", "out", "--checkpoint", "nothing.safetensors"], 1, "no checkpoint at nothing.safetensors"),
        (["sample", "out", "--device", "abacus"], 1, "device 'abacus'"),
        (["import-tf", "nothing", "out.safetensors"], 1, "There is no nothing.index"),
        (["sample", "--colour", "red"], 2, "No such option"),
        (["sample", "out", "--seed", "99999999999999999999"], 1, "A seed is a whole number"),
        (["sample", "out", "--count", "1", "--json", "/dev/null/x.json"], 1, "Error: "),
        (["import-tf", "assets/people/00.webp", "out.safetensors"], 1, "There is no"),
    ],
)
def test_errors_are_one_sentence_with_an_exit_code(words, code, sentence, tmp_path):
    words = [str(ROOT / word) if word.startswith("assets") else word for word in words]
    command = [sys.executable, "-m", "vunet", *words]
    result = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert result.returncode == code, result.stderr
    assert sentence in " ".join(result.stderr.split()) and "Traceback" not in result.stderr
