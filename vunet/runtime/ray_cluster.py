"""The way to a Ray cluster: an address, no telemetry, the loopback interface unless somebody names another."""

from __future__ import annotations

import os
import socket
from typing import Any

from vunet.errors import VUNetError

VARIABLE = "VUNET_CLUSTER"
KNOCK = 5.0  # seconds
LOCAL = "auto"  # the cluster that is running on this machine, else one of this process alone


def named_cluster() -> str | None:
    """What `VUNET_CLUSTER` says: `auto`, HOST:PORT, or None where it is not set."""
    return os.environ.get(VARIABLE) or None


def connected(address: str) -> Any:
    """The package `ray`, connected. address: `auto` or HOST:PORT. Raises `VUNetError`."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
    except ImportError:
        raise VUNetError("Ray is not installed: run `pip install -r requirements-cluster.txt`.") from None
    if ray.is_initialized():
        return ray
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR", "namespace": "vunet"}
    try:
        if address != LOCAL:
            _knock(address)
            ray.init(address, **options)
        elif not _joined(ray, options):
            ray.init(include_dashboard=False, _node_ip_address="127.0.0.1", **options)
    except (OSError, RuntimeError, ValueError) as error:
        raise VUNetError(f"No Ray cluster answers at {address}: start one with `ray start --head`.") from error
    return ray


def _knock(address: str) -> None:
    """Raises `OSError` where nobody listens: Ray would ask for minutes."""
    host, _, port = address.rpartition(":")
    socket.create_connection((host, int(port)), timeout=KNOCK).close()


def _joined(ray: Any, options: dict[str, Any]) -> bool:
    """Whether there was a cluster on this machine to join."""
    try:
        ray.init("auto", **options)
    except ConnectionError:
        return False
    return True
