"""The networks as ONNX files, for browsers and other runtimes."""

from vunet.publish.onnx.export import export_graphs

__all__ = ["export_graphs"]
