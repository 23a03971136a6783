"""Colours and the page's own CSS."""

from __future__ import annotations

import gradio as gr

CSS = """
.vu-title h1 { margin: 0; font-size: 26px; }
.vu-title p { margin: 2px 0 0; color: var(--body-text-color-subdued); }
.vu-note:not(:has(p)) { display: none; }
.vu-note > div { border: 0; }
.vu-note { border-left: 3px solid var(--color-accent); padding-left: 10px !important; }
.vu-feed { display: none !important; }
.vu-stage { position: sticky; top: 12px; align-self: flex-start; }
.vu-thumbs .grid-wrap { max-height: none; height: auto; min-height: 0; }
.vu-thumbs .grid-container {
  grid-template-columns: repeat(4, minmax(0, 1fr)) !important; grid-auto-rows: auto !important;
  grid-template-rows: none !important; gap: 6px;
}
.vu-of-7 .grid-container { grid-template-columns: repeat(7, minmax(0, 1fr)) !important; gap: 3px; }
.vu-thumbs .thumbnail-item { width: 100% !important; height: auto !important; aspect-ratio: 1; }
#looks .thumbnail-item, #wardrobe .thumbnail-item { aspect-ratio: 3 / 4; }
#looks img, #wardrobe img { object-fit: cover; }
.vu-thumbs { min-height: 0 !important; height: auto !important; }
.vu-thumbs .caption-label { font-size: 11px; padding: 1px 5px; }
#tab-wardrobe:has(#wardrobe img) #wardrobe-empty { display: none; }
#strip:not(:has(img)), #wardrobe:not(:has(img)) { display: none; }
.vu-keep { gap: 6px !important; }
.vu-columns .tab-container button { padding: 4px 9px; font-size: 14px; }
.vu-columns .tab-container button[aria-selected="true"] { color: var(--primary-700); }
.dark .vu-columns .tab-container button[aria-selected="true"] { color: var(--primary-200); }
@media (max-width: 900px) {
  .vu-columns { display: grid !important; grid-template-columns: minmax(0, 1fr); }
  .vu-columns > .vu-stage { order: -1; position: static; min-width: 0 !important; }
}
"""


def theme() -> gr.Theme:
    """The page's theme."""
    soft = gr.themes.Soft(
        primary_hue="indigo", neutral_hue="zinc", font=["Inter", "system-ui", "sans-serif"], font_mono=["monospace"]
    )
    # WCAG 2.2 AA asks for a contrast of 4.5 to 1; Soft's own greys and light labels have 2.5 to 4.
    return soft.set(
        body_background_fill="*neutral_50",
        body_text_color_subdued="*neutral_600", body_text_color_subdued_dark="*neutral_300",
        block_info_text_color="*neutral_600", block_info_text_color_dark="*neutral_300",
        block_label_text_color="*primary_700", block_label_text_color_dark="white",
        block_title_text_color="*primary_700", block_title_text_color_dark="white",
        block_label_background_fill_dark="*primary_700", block_title_background_fill_dark="*primary_700",
        input_placeholder_color="*neutral_600", input_placeholder_color_dark="*neutral_300",
        checkbox_label_background_fill_selected="*primary_600", checkbox_label_background_fill_selected_dark="*primary_600",
        button_primary_background_fill="*primary_600", button_primary_background_fill_hover="*primary_700",
        button_large_text_size="*text_md", button_large_padding="8px 10px",
    )  # fmt: skip
