"""The page in a process of its own, with looks that simulated visitors know the tokens of."""

from __future__ import annotations

import json
import sys

from vunet.pose.skeleton import Pose
from vunet.studio import Studio
from vunet.ui.page import build_page
from vunet.ui.server.launch import launch_options
from vunet.ui.visitor.loaded_checkpoints import Studios
from vunet.ui.visitor.shared import Shared


def main(visitors: int, checkpoint: str) -> None:
    """Prints one line of JSON, the address and the tokens, then serves until it is stopped."""
    studio = Studio.load(checkpoint or None)
    shared = Shared(Studios(studio))
    tokens = [shared.live_renderer.keep(look) for look in looks_of(studio, visitors)]
    options = launch_options() | {"app_kwargs": {}}  # request limits count by address, and all of these have one
    _, url, _ = (
        build_page(shared)
        .queue(max_size=32)
        .launch(**options, server_name="127.0.0.1", quiet=True, prevent_thread_lock=True)
    )
    print(json.dumps({"url": url, "tokens": tokens}), flush=True)
    sys.stdin.read()


def looks_of(studio: Studio, visitors: int) -> list:
    """A look of its own for each visitor, the same in every process of a machine."""
    return studio.sample(Pose.default(), visitors, seed=1)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
