"""Inputs of the API that refuse what is out of range in one sentence, and write nothing of it into the log."""

from __future__ import annotations

from typing import Any

import gradio as gr

from vunet.pose.skeleton import Pose


class Quantity(gr.Number):
    """A number between `minimum` and `maximum`."""

    is_template = True  # the browser's side is Gradio's own

    def preprocess(self, payload: Any) -> float | int:
        """The number, whole where `precision` is 0."""
        low, high = self.minimum, self.maximum
        assert low is not None and high is not None
        number = isinstance(payload, int | float) and not isinstance(payload, bool)
        if not number or not low <= payload <= high:  # NaN is neither
            raise gr.Error(f"{self.label}: give a number from {low:g} to {high:g}.", print_exception=False)
        return int(payload) if self.precision == 0 else float(payload)


class PoseDocument(gr.JSON):
    """A pose as JSON, which `vunet.pose.files.formats` reads; Gradio's own description of JSON is no valid schema."""

    is_template = True

    def api_info(self) -> dict[str, Any]:
        """The JSON schema of a pose, or of none."""
        pose = {"type": "object", "additionalProperties": {}}
        return {"anyOf": [pose, {"type": "null"}], "description": "a pose: our own JSON, OpenPose's or COCO's; or null"}

    def example_payload(self) -> dict[str, Any]:
        """A standing person."""
        return Pose.default().to_dict()


class Choice(gr.Dropdown):
    """One of the choices."""

    is_template = True

    def preprocess(self, payload: Any) -> str:
        """The choice."""
        values = [value for _, value in self.choices]
        if not isinstance(payload, str) or payload not in values:
            raise gr.Error(f"{self.label}: choose among {', '.join(map(str, values))}.", print_exception=False)
        return payload
