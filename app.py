"""Starts the page: `python app.py`. On a Hugging Face Space, `demo` is found here."""

import os

from vunet.telemetry import switch_off
from vunet.ui.server.start import launch, prepare_process, starting_page

switch_off()
if os.environ.get("SPACES_ZERO_GPU"):
    import spaces  # noqa: F401  # wants to come before torch; the container's disk goes with it
elif __name__ == "__main__":
    prepare_process()

demo = starting_page()

if __name__ == "__main__":
    launch(demo)
