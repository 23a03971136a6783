"""Checkpoints from a hub on the loopback interface; every other address is out of reach."""

import json
import pickle

import pytest
import torch
from safetensors.torch import save, save_file

from tests.configs import SMALL
from vunet import BadCheckpoint, HubUnavailable, Studio, VUNet
from vunet.checkpoints import hub as hub_room
from vunet.checkpoints import load_checkpoint, resolve, save_checkpoint
from vunet.checkpoints.hub import HubName, fetch

REPO = "user/small"


pytestmark = pytest.mark.usefixtures("hub")


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Two checkpoints of the same shape, as bytes."""
    folder, both = tmp_path_factory.mktemp("weights"), []
    for seed in (0, 1):
        torch.manual_seed(seed)
        save_checkpoint(VUNet(SMALL), folder / f"{seed}.safetensors")
        both.append((folder / f"{seed}.safetensors").read_bytes())
    return both


@pytest.fixture
def repo(hub, weights):
    return hub.repo(REPO, **{"model.safetensors": weights[0]})


def test_a_fresh_download_with_progress(repo, weights):
    seen = []
    path = resolve(REPO, progress=lambda here, whole: seen.append((here, whole)))
    assert path.read_bytes() == weights[0]
    assert seen[-1] == (len(weights[0]), len(weights[0]))


def test_a_studio_in_one_line_at_a_pinned_commit_that_makes_no_further_request(repo, hub, weights):
    first = repo.main
    repo.commit({"model.safetensors": weights[1]})
    studio = Studio.load(REPO, device="cpu", engine="eager", revision=first)
    hub.requests.clear()
    again = Studio.load(f"{REPO}@{first}", device="cpu", engine="eager")
    assert hub.requests == []
    same = zip(studio.model.parameters(), again.model.parameters(), strict=True)
    assert studio.config == SMALL and all(torch.equal(a, b) for a, b in same)


def test_a_new_commit_is_noticed_and_an_unchanged_one_not_fetched_again(repo, hub, weights):
    resolve(REPO)
    hub.requests.clear()
    resolve(REPO)
    assert [r.split()[0] for r in hub.requests] == ["HEAD"]
    repo.commit({"model.safetensors": weights[1]})
    assert resolve(REPO).read_bytes() == weights[1]


def test_a_broken_transfer_goes_on_where_it_broke(repo, hub, weights):
    repo.breaks_after = 20_000
    assert resolve(REPO).read_bytes() == weights[0]
    assert sum(r.startswith("GET") for r in hub.requests) == 2


def test_content_that_does_not_have_the_announced_hash_is_refused_and_not_kept(repo, hub, weights):
    repo.lies = weights[0][:-1] + b"\x00"
    assert repo.lies != weights[0]
    with pytest.raises(BadCheckpoint, match="not what the hub announced"):
        resolve(REPO)
    repo.lies = b""
    assert resolve(REPO).read_bytes() == weights[0]


def test_a_cached_file_that_was_damaged_is_fetched_again(repo, weights):
    blob = resolve(REPO).resolve()
    blob.write_bytes(b"x" + weights[0][1:])
    assert resolve(REPO).read_bytes() == weights[0]


def test_a_missing_repository_revision_and_file(hub, repo):
    hub.repo("user/empty", **{"README.md": b"nothing here"})
    for name, revision, words in [
        ("user/nothing", None, "There is no user/nothing"),
        (REPO, "0" * 40, "no revision"),
        ("user/empty", None, "holds no model.safetensors"),
    ]:
        with pytest.raises(BadCheckpoint, match=words):
            resolve(name, revision)


def test_a_gated_repository_opens_with_the_token(repo, monkeypatch):
    repo.gated, repo.token = True, "hf_secret"
    with pytest.raises(BadCheckpoint, match="gated"):
        resolve(REPO)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert resolve(REPO).exists()


def test_offline_with_and_without_the_cache(repo, hub, monkeypatch):
    path = resolve(REPO)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    hub.requests.clear()
    assert resolve(REPO) == path
    with pytest.raises(HubUnavailable, match="HF_HUB_OFFLINE"):
        resolve("user/other")
    assert hub.requests == []


def test_an_unreachable_hub_gives_way_to_the_cache(repo, monkeypatch):
    path = resolve(REPO)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.warns(UserWarning, match="cache"):
        assert resolve(REPO) == path
    with pytest.raises(HubUnavailable, match="cannot be reached"):
        resolve("user/other")


def test_a_hub_that_hangs_is_not_waited_for_longer_than_promised(repo, hub, monkeypatch):
    path = resolve(REPO)
    waited = []
    monkeypatch.setattr(
        hub_room, "_within", lambda seconds, *_: waited.append(seconds) or (_ for _ in ()).throw(TimeoutError)
    )
    with pytest.warns(UserWarning):
        assert resolve(REPO) == path
    assert waited == [3.0]


def test_an_answer_that_never_comes_is_given_up(hub):
    hub.delay = 30
    with pytest.raises(HubUnavailable):
        fetch(HubName(REPO), timeout=0.3)


def test_a_download_that_stands_still_gives_way_to_the_cache(repo, hub, weights, monkeypatch):
    path = resolve(REPO)
    repo.commit({"model.safetensors": weights[1]})
    monkeypatch.setattr(hub_room, "SHORT_TIMEOUT", 0.5)
    repo.stands_still = True
    with pytest.warns(UserWarning, match="cache"):
        assert resolve(REPO) == path


def test_a_cache_below_a_link_works_at_once(repo, weights, tmp_path, monkeypatch):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "link" / "cache"))
    assert resolve(REPO).read_bytes() == weights[0]


def test_a_repository_that_was_deleted_lives_on_in_the_cache(repo, hub):
    path = resolve(REPO)
    hub.repos.clear()
    with pytest.warns(UserWarning, match="cache"):
        assert resolve(REPO) == path


@pytest.mark.parametrize("etag", ["../../../../outside", "short", "Z" * 64])
def test_a_hash_that_is_a_path_is_refused_and_writes_nothing(repo, etag, tmp_path):
    repo.etag = etag
    before = set(tmp_path.rglob("*"))
    with pytest.raises(HubUnavailable, match="does not answer as a hub"):
        resolve(REPO)
    assert set(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "name", ["../../etc", "user/../../x", "a/b/c", "user/repo@../x", "", "user/", "http://127.0.0.1/x"]
)
def test_names_that_are_paths_or_addresses_never_reach_the_hub(hub, name):
    with pytest.raises(BadCheckpoint):
        resolve(name or "nothing")
    assert hub.requests == []


def test_a_file_too_large_is_not_fetched(repo, hub, monkeypatch):
    monkeypatch.setattr(hub_room, "MAX_BYTES", 1000)
    with pytest.raises(BadCheckpoint, match="larger"):
        resolve(REPO)
    assert not any(r.startswith("GET") for r in hub.requests)


def huge_config():
    return json.dumps(SMALL.to_dict() | {"width": 10**6})


def hostile_files():
    small = {"a": torch.zeros(1)}
    wrong = {name: torch.zeros(3) for name in VUNet(SMALL).state_dict()}
    nan = {name: torch.full_like(value, torch.nan) for name, value in VUNet(SMALL).state_dict().items()}
    good = {"format": "vunet-1", "config": json.dumps(SMALL.to_dict())}
    return {
        "a pickle renamed": pickle.dumps({"weights": [1, 2, 3]}),
        "wrong shapes": save(wrong, good),
        "weights that are not numbers": save(nan, good),
        "a model of gigabytes": save(small, good | {"config": huge_config()}),
        "a huge header": (1 << 40).to_bytes(8, "little") + b"{}",
        "a header of many megabytes": save(small, good | {"facts": "x" * (2 << 20)}),
        "another format": save(small, {"format": "other"}),
        "nothing": b"",
    }


@pytest.mark.parametrize("kind", list(hostile_files()))
def test_hostile_files_are_refused_in_one_sentence(hub, kind):
    hub.repo("user/hostile", **{"model.safetensors": hostile_files()[kind]})
    with pytest.raises(BadCheckpoint) as caught:
        load_checkpoint(resolve("user/hostile"))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


def test_files_come_before_repositories_of_the_same_name(tmp_path, monkeypatch, hub):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "user").mkdir()
    (tmp_path / REPO).mkdir()
    save_file({"a": torch.zeros(1)}, tmp_path / REPO / "x.safetensors")
    assert resolve(REPO).name == "x.safetensors" and hub.requests == []
    with pytest.raises(BadCheckpoint, match="revisions"):
        resolve(REPO, "main")
