"""Ray: pictures by replicas are those of this process, a replica or a machine that dies loses nothing."""

import asyncio
import filecmp
import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import ray
from PIL import Image
from ray.cluster_utils import Cluster

from tests.configs import SMALL_PARTS
from tests.conftest import ROOT
from tests.serving import finished
from vunet import Pose, Studio, VUNet, VUNetError
from vunet.checkpoints import save_checkpoint
from vunet.cluster.remote_renderer import RemoteRenderer, render_on_cluster
from vunet.cluster.replica import NAME, start_replicas
from vunet.output.batch import Transfer, run_jobs
from vunet.pose.motion import in_betweens, wave
from vunet.ui.visitor.live_render import LiveRenderer
from vunet.ui.visitor.loaded_checkpoints import Studios

POSES = in_betweens(wave(Pose.default()), 10)


@pytest.fixture(scope="module")
def cluster():
    """Two machines of one core, pretended on this one."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    pretended = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    pretended.add_node(num_cpus=1)
    yield pretended
    ray.shutdown()
    pretended.shutdown()


@pytest.fixture(scope="module")
def remote(cluster):
    """A studio that renders on two replicas, and its local twin."""
    start_replicas(cluster.address, 2, 0.0, 0.5)
    here, there = Studio.load(), Studio.load()
    render_on_cluster(there, cluster.address)
    return here, there


def test_a_page_without_a_cluster_never_imports_ray():
    code = "import sys, vunet.ui.server.launch, vunet.output.batch; assert 'ray' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


def test_without_replicas_there_is_one_sentence(cluster, studio):
    with pytest.raises(VUNetError, match="python -m vunet replicas"):
        render_on_cluster(studio, cluster.address)


def test_photos_in_a_job_are_rendered_to_the_byte_though_a_machine_dies(cluster, people, tmp_path):
    """One of three machines is killed while the job of fifty photos runs; one of them is none. The model is a small one."""
    checkpoint, pose = tmp_path / "small.safetensors", tmp_path / "pose.json"
    save_checkpoint(VUNet(SMALL_PARTS), checkpoint)
    pose.write_text(json.dumps(Pose.default().to_dict()))
    photos = [tinted(people[i % len(people)], i, tmp_path) for i in range(49)]
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(people[0].read_bytes()[:200])
    photos.append(broken)

    def jobs(folder):
        return [Transfer(photo, (pose,), (tmp_path / folder / f"{photo.stem}.png",)) for photo in photos]

    doomed = cluster.add_node(num_cpus=1)
    killing = ThreadPoolExecutor(1).submit(kill_in_the_middle, cluster, doomed, tmp_path / "there")
    options = {"checkpoint": str(checkpoint), "engine": "eager"}
    report = run_jobs(jobs("there"), options, cluster=cluster.address)
    assert 10 <= killing.result(60) < 49  # some were done, and some were left
    assert run_jobs(jobs("here"), options).done == report.done == 49
    assert set(report.refused) == {str(broken)}
    names = [f"{photo.stem}.png" for photo in photos[:-1]]
    same, other, errors = filecmp.cmpfiles(tmp_path / "here", tmp_path / "there", names, False)
    assert len(same) == 49 and not other and not errors


def tinted(person, number, folder):
    """An example person in a colour of its own, as a file."""
    path = folder / f"{number:02d}.png"
    picture = np.array(Image.open(person).convert("RGB").resize((384, 384))).astype(int)
    Image.fromarray((picture - [number, 2 * (number % 9), 3 * (number % 5)]).clip(0, 255).astype(np.uint8)).save(path)
    return path


def kill_in_the_middle(cluster, machine, folder):
    """Once some of the photos are done; how many were."""
    end = time.monotonic() + 120
    while (done := len(list(folder.glob("*.png")))) < 10 and time.monotonic() < end:
        time.sleep(0.05)
    cluster.remove_node(machine, False)
    return done


def test_replicas_render_what_this_process_renders(remote, people):
    here, there = remote
    look = here.encode(here.detect(people[0]))
    for size in (here.size, here.live_size):
        pictures = [studio.render(look, POSES[5], size).astype(int) for studio in (here, there)]
        assert np.abs(pictures[0] - pictures[1]).max() <= 1
    assert there.cutout(look, POSES[5]).shape == (512, 512, 4)


def test_a_replica_that_is_killed_loses_none_of_two_hundred_drags(remote):
    here, there = remote
    looks = here.sample(Pose.default(), 4)
    live, expected = LiveRenderer(Studios(there)), [here.render(look, POSES[3], here.live_size) for look in looks]
    tokens = [live.keep(look) for look in looks]
    killed = threading.Timer(1.0, kill_a_replica)
    killed.start()

    async def drags():
        answers = []
        for seq in range(50):
            asked = ({"token": token, "seq": seq, "pose": POSES[seq % len(POSES)].to_dict()} for token in tokens)
            answers += await asyncio.gather(*map(live.render, asked))
        return answers

    answers = finished(drags())
    killed.join()
    assert len(answers) == 200 and all("src" in answer for answer in answers), [a for a in answers if "src" not in a][:3]
    shown = [there.render(look, POSES[3], there.live_size) for look in looks]
    assert max(np.abs(a.astype(int) - b).max() for a, b in zip(shown, expected, strict=True)) <= 1


def kill_a_replica():
    name = next(each for each in ray.util.list_named_actors(all_namespaces=True) if f"{NAME}#{NAME}#" in each["name"])
    ray.kill(ray.get_actor(name["name"], namespace=name["namespace"]))


def test_another_checkpoint_is_refused(remote, cluster):
    _, there = remote
    there.name, kept = "another", there.name
    with pytest.raises(VUNetError, match="start both with one checkpoint"):
        render_on_cluster(there, cluster.address)
    there.name = kept
    assert isinstance(there.renderer, RemoteRenderer)


def test_a_cluster_that_does_not_answer_is_one_sentence():
    code = "from vunet.runtime.ray_cluster import connected; connected('127.0.0.1:9')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert "No Ray cluster answers" in done.stderr
