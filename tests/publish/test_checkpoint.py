"""push and space, against a hub that speaks the real routes."""

import json

import pytest
from huggingface_hub import RepoCard

from vunet import HubUnavailable, Studio, VUNetError
from vunet.checkpoints import DEFAULT, resolve
from vunet.publish.checkpoint import push
from vunet.publish.space import build_space, publish_space


@pytest.fixture
def token(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_test")


@pytest.fixture
def pushed(hub, token):
    push(DEFAULT, "user/street")
    return hub.repos["user/street"]


def test_what_was_pushed_loads_in_one_line(pushed):
    files = pushed.files[pushed.main]
    pictures = {"pictures/draws.webp", "pictures/mirror.webp"}
    assert set(files) == {"model.safetensors", "config.json", "README.md"} | pictures
    assert files["model.safetensors"] == DEFAULT.read_bytes()
    assert Studio.load("user/street", device="cpu", engine="eager").live_size == 256


def test_the_card_and_the_config_go_with_it(pushed):
    files = pushed.files[pushed.main]
    card = RepoCard(files["README.md"].decode())
    assert card.data.library_name == "vunet" and "Clothing Co-Parsing" in card.text
    assert "arxiv:1804.04694" in card.data.tags and "../assets" not in str(card)
    assert json.loads(files["config.json"])["size"] == 256


def test_a_card_is_begun_where_there_is_none(hub, token, tmp_path):
    path = tmp_path / "mine.safetensors"
    path.write_bytes(DEFAULT.read_bytes())
    push(path, "user/mine")
    text = hub.repos["user/mine"].files[hub.repos["user/mine"].main]["README.md"].decode()
    assert 'Studio.load("user/mine")' in text and "**steps:**" in text


def test_without_a_token_nothing_is_sent(hub):
    with pytest.raises(VUNetError, match="HF_TOKEN"):
        push(DEFAULT, "user/street")
    assert hub.requests == []


def test_a_file_that_cannot_be_loaded_is_not_published(hub, token, tmp_path):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(b"nothing")
    with pytest.raises(VUNetError, match="cannot be read"):
        push(path, "user/bad")
    assert hub.requests == []


@pytest.mark.parametrize("repo", ["street", "user/street@main", "../x/y"])
def test_names_that_are_no_repository_are_refused(hub, token, repo):
    with pytest.raises(VUNetError, match="not the name"):
        push(DEFAULT, repo)


def test_an_unreachable_hub_is_said_so(token, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(HubUnavailable):
        push(DEFAULT, "user/street")


def test_a_space_is_published_with_its_checkpoint_pinned(pushed, hub):
    sha = pushed.main
    assert publish_space("user/demo", "user/street").endswith("/spaces/user/demo")
    space = hub.repos["user/demo"]
    files = space.files[space.main]
    assert space.kind == "spaces" and space.variables == {"VUNET_CHECKPOINT": f"user/street@{sha}"}
    card = RepoCard(files["README.md"].decode())
    assert card.data.to_dict()["preload_from_hub"] == [f"user/street model.safetensors {sha}"]
    assert card.data.to_dict()["models"] == ["user/street"]
    assert card.data.to_dict()["thumbnail"].endswith("/spaces/user/demo/resolve/main/assets/page.webp")
    assert card.data.sdk == "gradio" and card.data.app_file == "app.py"
    assert {"app.py", "requirements.txt", "packages.txt", "vunet/studio/studio.py", f"checkpoints/{DEFAULT.name}"} <= set(
        files
    )
    assert not any(".pyc" in name or "tests/" in name for name in files)
    hub.requests.clear()
    resolve(space.variables["VUNET_CHECKPOINT"])
    assert hub.requests == []


def test_a_space_without_a_checkpoint_goes_back_to_the_embedded_one(pushed, hub):
    publish_space("user/demo", "user/street")
    publish_space("user/demo")
    assert hub.repos["user/demo"].variables == {}


def test_a_card_with_its_own_front_matter_keeps_it(hub, token, tmp_path):
    card = tmp_path / "card.md"
    card.write_text("---\nlicense: mit\n---\n\n# Mine\n")
    push(DEFAULT, "user/mine", card)
    files = hub.repos["user/mine"].files[hub.repos["user/mine"].main]
    assert files["README.md"].decode() == card.read_text()


def test_a_local_tree_goes_into_an_empty_folder_only(tmp_path):
    assert build_space(tmp_path / "space") > 50
    with pytest.raises(VUNetError, match="not empty"):
        build_space(tmp_path / "space")


def test_an_update_of_a_space_leaves_no_file_of_an_older_version(pushed, hub):
    publish_space("user/demo")
    space = hub.repos["user/demo"]
    space.commit({"checkpoints/street-256.safetensors": b"old", "vunet/gone.py": b"old", "notes.txt": b"mine"})
    publish_space("user/demo")
    files = space.files[space.main]
    assert "checkpoints/street-256.safetensors" not in files and "vunet/gone.py" not in files
    assert files["notes.txt"] == b"mine" and "checkpoints/parts-256.safetensors" in files


def test_a_space_with_a_checkpoint_of_the_disk_is_refused(hub, token):
    with pytest.raises(VUNetError, match="push it first"):
        publish_space("user/demo", str(DEFAULT))
