"""Starts the page: `python app.py`. On a Hugging Face Space, `demo` is found here."""

import os

# Set before gradio is imported: the page must not wait for a telemetry host.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

from vunet import Studio
from vunet.ui.launch import launch_options
from vunet.ui.page import build_app

studio = Studio.load(os.environ.get("VUNET_CHECKPOINT"), os.environ.get("VUNET_DEVICE"))
demo = build_app(studio).queue(max_size=32)

if __name__ == "__main__":
    demo.launch(**launch_options())
