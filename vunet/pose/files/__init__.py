"""Pose files of all known tools, read and written."""
