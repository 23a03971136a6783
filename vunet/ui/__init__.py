"""The page: layout, handlers, and the skeleton editor.

It uses the `Studio`, poses, people and the render queue; no model, no training.
"""
