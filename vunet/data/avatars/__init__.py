"""Rendered people: rigged, dressed glTF figures in natural poses, seen from all sides, as pairs of one person."""
