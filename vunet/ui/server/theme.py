"""Colours and the page's own CSS."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

CSS = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")


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
        checkbox_border_color="*neutral_500", checkbox_border_color_dark="*neutral_400", checkbox_border_width="1px",
        button_primary_background_fill="*primary_600", button_primary_background_fill_hover="*primary_700",
        button_large_text_size="*text_md", button_large_padding="8px 10px",
    )  # fmt: skip
