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
.vu-people .grid-container { grid-template-columns: repeat(4, 1fr) !important; gap: 6px; }
.vu-people, #looks { min-height: 0 !important; height: auto !important; }
#looks .caption-label { display: none; }
@media (max-width: 900px) {
  .vu-columns { flex-direction: column; }
  .vu-columns > .vu-stage { order: -1; position: static; align-self: stretch; }
}
"""


def theme() -> gr.Theme:
    """The page's theme."""
    return gr.themes.Soft(
        primary_hue="indigo", neutral_hue="zinc", font=["Inter", "system-ui", "sans-serif"], font_mono=["monospace"]
    )
