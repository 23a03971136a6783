"""Another checkpoint for one visitor: chosen, or fetched from a hub, while others keep theirs."""

import sys
import types

import pytest
import torch

from tests.ui.stage import difference, drag, painted, save_menu, stable_picture, wait_for_gallery
from vunet import BadCheckpoint, Pose
from vunet.checkpoints import DEFAULT, load_checkpoint, save_checkpoint
from vunet.ui.panels.model import read_again
from vunet.ui.visitor import zero_gpu
from vunet.ui.visitor.loaded_checkpoints import Studios, forwarded
from vunet.ui.visitor.session import Session

OTHER = "recoloured"


@pytest.fixture(scope="module", autouse=True)
def other_file(tmp_path_factory):
    """Another checkpoint that the owner offers: it draws red for blue, in lighter tones."""
    path = tmp_path_factory.mktemp("offered") / f"{OTHER}.safetensors"
    model = load_checkpoint(DEFAULT)
    with torch.no_grad():
        for value in (model.decoder.head.out.weight, model.decoder.head.out.bias):
            value.copy_(0.8 * value[[2, 1, 0]])
    save_checkpoint(model, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VUNET_CHECKPOINTS", str(path))
        yield path


@pytest.fixture
def remote(hub, other_file):
    return hub.repo("user/other", **{"model.safetensors": other_file.read_bytes()})


def unfold(page):
    page.locator("#model button.label-wrap, #model > button").first.click()


def choose(page, name):
    unfold(page)
    field = page.locator("#model-name input")
    field.fill(name)
    field.press("Enter")


def seconds_page(chromium, url):
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(url)
    page.wait_for_selector("[data-painted]")
    return page


def test_a_checkpoint_of_the_hub_draws_the_same_pose_and_others_keep_theirs(page, chromium, url, remote):
    other = seconds_page(chromium, url)
    theirs = stable_picture(other)
    stable_picture(page)
    wait_for_gallery(page)
    seq = painted(page)
    page.locator("#looks button:has(img)").first.click()  # a draw: a photo's own pose is the photo, whatever the model
    before = stable_picture(page, seq)
    gallery = page.locator("#looks img").first.get_attribute("src")
    seq = painted(page)
    choose(page, "user/other")
    after = stable_picture(page, seq)
    assert difference(before, after) > 1
    page.wait_for_function("(old) => document.querySelector('#looks img').src !== old", arg=gallery)
    seq = painted(page)
    drag(page, "lwrist", 60, -60)
    assert difference(stable_picture(page, seq), after) > 0.2
    assert difference(stable_picture(other), theirs) == 0
    other.close()


def test_a_download_shows_how_far_it_is(page, hub, remote):
    stable_picture(page)
    hub.seconds_a_megabyte = 0.06
    seq = painted(page)
    choose(page, "user/other")
    page.wait_for_function("/[0-9.]+%/.test(document.querySelector('#model').textContent)")
    stable_picture(page, seq)


def test_a_name_that_is_nothing_is_told_and_the_model_stays(page, hub):
    before = stable_picture(page)
    choose(page, "user/nothing")
    page.wait_for_selector("text=There is no user/nothing on the Hub")
    page.wait_for_function(f"document.querySelector('#model-name input').value === '{DEFAULT.stem}'")
    assert difference(stable_picture(page), before) == 0


def test_a_look_of_the_former_model_can_still_be_worn(page):
    stable_picture(page)
    wait_for_gallery(page)
    seq = painted(page)
    page.locator("#looks button img").nth(1).click()
    stable_picture(page, seq)  # before that it is not the chosen one
    page.locator("#keep-look").click()
    page.get_by_role("tab", name="Wardrobe").click()
    page.wait_for_selector("#wardrobe img")
    seq = painted(page)
    choose(page, OTHER)
    stable_picture(page, seq)
    page.get_by_role("tab", name="Outfits").click()
    seq = painted(page)
    page.locator("#own-look").click()
    own = stable_picture(page, seq)
    page.get_by_role("tab", name="Wardrobe").click()
    seq = painted(page)
    page.locator("#wardrobe button img").first.click()
    assert difference(stable_picture(page, seq), own) > 0.5


def test_a_session_is_drawn_by_the_checkpoint_that_it_was_made_with(page, chromium, url, tmp_path):
    stable_picture(page)
    seq = painted(page)
    choose(page, OTHER)
    seen = stable_picture(page, seq)
    with page.expect_download() as download:
        save_menu(page, "save-session").click()
    download.value.save_as(tmp_path / "session.json")
    other = seconds_page(chromium, url)
    stable_picture(other)
    seq = painted(other)
    with other.expect_file_chooser() as chooser:
        save_menu(other, "open-session").click()
    chooser.value.set_files(tmp_path / "session.json")
    assert difference(stable_picture(other, seq), seen) < 0.5
    unfold(other)
    other.wait_for_function(f"document.querySelector('#model-name input')?.value === '{OTHER}'")
    other.close()


def test_a_file_that_the_owner_offers_is_loaded_by_its_stem(studio, tmp_path, monkeypatch):
    (tmp_path / "mine.safetensors").write_bytes(DEFAULT.read_bytes())
    monkeypatch.setenv("VUNET_CHECKPOINTS", f"{tmp_path / 'mine.safetensors'}, user/other")
    studios = Studios(studio)
    assert studios.names[-2:] == ["mine", "user/other"]
    assert studios["mine"].name == "mine" and studios["mine"] is not studio


def test_through_a_proxy_nobody_names_a_repository(studio, remote, hub):
    studios = Studios(studio)
    assert forwarded({"x-forwarded-for": "10.0.0.1"}) and not forwarded({"accept": "*/*"})
    hub.requests.clear()
    with pytest.raises(BadCheckpoint, match="choose one of the list"):
        studios.load("user/other", untrusted=True)
    assert hub.requests == []
    assert studios.load(OTHER, untrusted=True).name == OTHER


def test_files_of_the_server_cannot_be_named(studio, tmp_path, monkeypatch, hub):
    studios = Studios(studio)
    for name in (str(DEFAULT), str(tmp_path), "../checkpoints", "http://127.0.0.1/x", "x" * 10_000):
        with pytest.raises(BadCheckpoint, match="no such model"):
            studios[name]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "other").mkdir()
    (tmp_path / "user" / "other" / "x.safetensors").write_bytes(DEFAULT.read_bytes())
    with pytest.raises(BadCheckpoint, match="no user/other on the Hub"):  # a folder of that name is not looked at
        studios["user/other"]
    hub.requests.clear()
    monkeypatch.setenv("SPACE_ID", "user/demo")
    with pytest.raises(BadCheckpoint, match="no such model"):
        studios["user/other"]
    monkeypatch.setenv("VUNET_CHECKPOINTS", "user/other")
    assert studios.names[-1] == "user/other" and hub.requests == []
    monkeypatch.delenv("SPACE_ID")
    monkeypatch.setenv("GRADIO_SERVER_NAME", "0.0.0.0")
    assert not studios.any_repository


def test_what_is_done_during_a_download_is_not_lost(page, hub, remote):
    stable_picture(page)
    wait_for_gallery(page)
    hub.seconds_a_megabyte = 0.08
    choose(page, "user/other")
    page.wait_for_function("/[0-9.]+%/.test(document.querySelector('#model').textContent)")
    page.locator("#people button img").nth(4).click()  # another person, meanwhile
    page.wait_for_function("document.querySelector('#model-name').closest('#model').textContent.indexOf('%') < 0")
    page.wait_for_timeout(2500)
    seen = stable_picture(page)
    page.locator("#own-look").click()
    page.wait_for_timeout(500)
    assert difference(stable_picture(page), seen) < 0.2
    seq = painted(page)
    page.locator("#people button img").first.click()  # who was there before the download
    assert difference(stable_picture(page, seq), seen) > 0.5


def test_the_least_recently_used_is_given_up_and_comes_back(studio, remote):
    studios = Studios(studio, kept=1)
    first = studios[OTHER]
    assert studios[OTHER] is first
    commit = studios["user/other"].name
    assert commit == f"user/other@{remote.main}"
    assert studios[OTHER] is not first and studios[""] is studio is studios[studio.name]


def test_looks_are_read_again_and_one_that_is_the_own_stays_the_own(studio, people):
    person = studio.place(people[0])
    session = Session(checkpoint="").with_person(person, studio.encode(person))
    other = Studios(studio)[OTHER]
    again = read_again(session, studio, other)
    assert again.look is again.own is again.picked
    assert [c.shape for c in again.own.codes] == [c.shape for c in other.sample(Pose.default(), 1)[0].codes]
    drawn = studio.sample(Pose.default(), 1)[0]
    mixed = read_again(session.wearing(drawn, "x"), studio, other)
    assert difference(other.render(mixed.look, drawn.pose).astype(int), studio.render(drawn, drawn.pose).astype(int)) < 30


def test_on_zero_gpu_samples_and_films_borrow_the_gpu_and_drags_do_not(studio, monkeypatch):
    calls = []

    def gpu(duration):
        return lambda verb: lambda *args, **kwargs: calls.append(verb.__name__) or verb(*args, **kwargs)

    monkeypatch.setitem(sys.modules, "spaces", types.SimpleNamespace(GPU=gpu))
    monkeypatch.setenv("SPACES_ZERO_GPU", "1")
    monkeypatch.setattr(zero_gpu, "DEVICE", "cpu")
    studios = Studios(studio)
    look = studios.queued("").sample(Pose.default(), 1)[0]
    studios.queued("").render_many([look], [Pose.default()])
    assert calls == ["sample", "render_many"]
    studios[""].render(look, Pose.default())
    assert calls == ["sample", "render_many"] and studios.queued("") is studios.queued("")
