"""Starts the page: `python app.py`. On a Hugging Face Space, `demo` is found here."""

import os

# Set before gradio is imported: the page must not wait for a telemetry host.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

if os.environ.get("SPACES_ZERO_GPU"):
    import spaces  # noqa: F401  # wants to come before torch; the container's disk goes with it
elif __name__ == "__main__":
    from vunet.ui.server.cache_folder import use_private_cache
    from vunet.ui.server.proxies import bypass_proxies

    use_private_cache()
    bypass_proxies()

from vunet.ui.page import build_app
from vunet.ui.server.launch import launch_options, starting_studio

demo = build_app(starting_studio(), draw_ahead=True).queue(max_size=32)

if __name__ == "__main__":
    demo.launch(**launch_options())
