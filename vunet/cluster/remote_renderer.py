"""Renders on replicas: the queue stays here, newest pose first, and lots go to whoever is free."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from vunet.cluster.replica import IN_FLIGHT, NAME
from vunet.errors import Busy, VUNetError
from vunet.pose.skeleton import Pose
from vunet.runtime.ray_cluster import connected
from vunet.runtime.render_queue import RenderQueue, Ticket
from vunet.studio import Studio
from vunet.studio.appearance import Appearance
from vunet.studio.look_renderer import LookRenderer

MOST = 32  # pictures of a lot
TRIES = 2  # of a lot whose replica died
SECONDS = 30.0  # that a lot may take
FULL = "The server is busy. Your picture will follow in about {} seconds."


class RemoteRenderer(LookRenderer):
    """Takes the place of a studio's renderer. Looks are put into the cluster's object store once each."""

    def __init__(self, local: LookRenderer, handle: Any, replicas: int) -> None:
        """local: the renderer whose model the replicas have."""
        super().__init__(local.loaded)
        self.queue = RenderQueue(slots=IN_FLIGHT * max(1, replicas), most=MOST)
        self._handle = handle
        self._references: WeakKeyDictionary[Appearance, Any] = WeakKeyDictionary()

    def submit(self, look: Appearance, pose: Pose, size: int | None = None) -> Ticket:
        """Has a picture rendered elsewhere. Raises `VUNetError`."""
        side = self.checked_size(size)
        self.require_own(look)
        return self.queue.submit(side, (look, pose.require_usable(), side), self._remote_lot)

    def result(self, ticket: Ticket) -> Any:
        """What was submitted, once it is rendered."""
        return self.queue.result(ticket)

    def as_bytes(self, rendered: Any) -> np.ndarray:
        """A replica's answer is bytes already."""
        return np.asarray(rendered)

    def _remote_lot(self, lot: Sequence[tuple[Appearance, Pose, int]]) -> list[np.ndarray]:
        from ray.exceptions import RayActorError, RayTaskError
        from ray.serve.exceptions import BackPressureError

        looks, poses, size = [self._reference(look) for look, _, _ in lot], [pose for _, pose, _ in lot], lot[0][2]
        for attempt in range(TRIES):
            try:
                return self._handle.lot.remote(looks, poses, size).result(timeout_s=SECONDS)
            except BackPressureError:
                raise Busy(FULL.format(1)) from None
            except RayTaskError as error:
                if isinstance(error.cause, VUNetError):
                    raise error.cause from None
                raise
            except (RayActorError, TimeoutError):
                if attempt + 1 == TRIES:
                    raise VUNetError("The machines that render do not answer: try again in a minute.") from None
        raise AssertionError

    def _reference(self, look: Appearance) -> Any:
        import ray

        if look not in self._references:
            self._references[look] = ray.put(look)
        return self._references[look]


def render_on_cluster(studio: Studio, address: str) -> None:
    """From now on the studio renders on the cluster's replicas; what reads photos stays here.

    Raises `VUNetError` where there are no replicas, or where they have another checkpoint.
    """
    connected(address)
    from ray import serve
    from ray.serve.exceptions import RayServeException

    try:
        handle = serve.get_app_handle(NAME)
        states = serve.status().applications[NAME].deployments[NAME].replica_states
    except (RayServeException, KeyError):
        raise VUNetError("No replicas are running there: start some with `python -m vunet replicas`.") from None
    theirs = handle.name.remote().result(timeout_s=SECONDS)
    if theirs != studio.name:
        raise VUNetError(
            f"The replicas render with {theirs}, this page with {studio.name}: start both with one checkpoint."
        )
    studio.replace_renderer(RemoteRenderer(studio.renderer, handle, sum(states.values())))
