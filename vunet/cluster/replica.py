"""What renders on another machine: a studio behind Ray Serve, and how many of them there are."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np

from vunet.pose.skeleton import Pose
from vunet.runtime.ray_cluster import connected
from vunet.studio import Studio

NAME = "vunet"
IN_FLIGHT = 2  # lots of a replica: the next one is there when one is done
WAITING = 64  # lots that a page may have waiting for replicas before visitors are told that the server is busy
LOOKS_KEPT = 256  # of 1.4 MB
HEALTH_SECONDS = 2.0  # between two looks at whether a replica lives


class Replica:
    """Renders lots. Looks come by reference, once each, from the cluster's object store."""

    def __init__(self, checkpoint: str | None, device: str | None) -> None:
        self.studio = Studio.load(checkpoint, device)
        self.studio.render(self.studio.sample(Pose.default(), 1)[0], Pose.default(), self.studio.live_size)
        self._looks: OrderedDict[str, Any] = OrderedDict()

    def lot(self, looks: Sequence[Any], poses: Sequence[Pose], size: int) -> list[np.ndarray]:
        """Pictures of one size as `LookRenderer` gives them before their ground: (S, S, 3 or 4) uint8 each.

        looks: references, in a list so that Ray does not resolve them.
        """
        renderer = self.studio.renderer
        tickets = [renderer.submit(self._look(ref), pose, size) for ref, pose in zip(looks, poses, strict=True)]
        return [renderer.as_bytes(renderer.result(ticket)) for ticket in tickets]

    def name(self) -> str:
        """The checkpoint's, so that a page can tell whether it is its own."""
        return self.studio.name

    def _look(self, reference: Any) -> Any:
        import ray

        key = reference.hex()
        if key not in self._looks:
            self._looks[key] = ray.get(reference)
        self._looks.move_to_end(key)
        while len(self._looks) > LOOKS_KEPT:
            self._looks.popitem(last=False)
        return self._looks[key]


def start_replicas(
    address: str, count: int, gpus: float, cpus: float, checkpoint: str | None = None, device: str | None = None
) -> Any:
    """Starts replicas, or changes their number, and waits until they answer; the handle to them.

    gpus, cpus: of a machine for each. Raises `VUNetError` where there is no cluster.
    """
    connected(address)
    from ray import serve

    deployment: Any = serve.deployment(
        Replica,
        name=NAME,
        num_replicas=count,
        max_ongoing_requests=IN_FLIGHT,
        max_queued_requests=WAITING,
        health_check_period_s=HEALTH_SECONDS,
        ray_actor_options={"num_gpus": gpus, "num_cpus": cpus},
    )
    serve.start(http_options={"location": "NoServer"})  # pages ask by Ray itself: no port is opened
    return serve.run(deployment.bind(checkpoint, device), name=NAME, route_prefix=None)


def stop_replicas() -> None:
    """Ends them."""
    from ray import serve

    serve.delete(NAME)
