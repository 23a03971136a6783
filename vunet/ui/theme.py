"""Colours and the page's own CSS."""

from __future__ import annotations

import gradio as gr

CSS = """
.vu-title h1 { margin: 0; font-size: 26px; }
.vu-title p { margin: 2px 0 0; color: var(--body-text-color-subdued); }
.vu-note:not(:has(p)) { display: none; }
.vu-note { border-left: 3px solid var(--color-accent); padding-left: 10px !important; }
.vu-feed { display: none !important; }
.vu-stage { position: sticky; top: 12px; align-self: flex-start; }
.vu-people .grid-wrap, #looks .grid-wrap { max-height: none; height: auto; min-height: 0; }
.vu-people .grid-container, #looks .grid-container {
  grid-template-columns: repeat(4, minmax(0, 1fr)) !important; grid-auto-rows: auto !important;
  grid-template-rows: none !important; gap: 6px;
}
.vu-people .thumbnail-item, #looks .thumbnail-item { width: 100% !important; height: auto !important; aspect-ratio: 1; }
.vu-people, #looks { min-height: 0 !important; height: auto !important; }
#looks .caption-label { display: none; }
@media (max-width: 900px) {
  .vu-columns { display: grid !important; grid-template-columns: minmax(0, 1fr); }
  .vu-columns > .vu-stage { order: -1; position: static; min-width: 0 !important; }
}
"""


def theme() -> gr.Theme:
    """The page's theme."""
    return gr.themes.Soft(
        primary_hue="indigo", neutral_hue="zinc", font=["Inter", "system-ui", "sans-serif"], font_mono=["monospace"]
    )
