"""Parts of the page that are not Gradio's own: Python, HTML, CSS and JavaScript side by side."""
