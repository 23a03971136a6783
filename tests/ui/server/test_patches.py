"""What is replaced in Gradio has to be there."""

from types import ModuleType

import pytest

from vunet.ui.server.patches import replace_function


def test_a_function_that_is_gone_ends_the_start():
    module = ModuleType("gradio.somewhere")
    with pytest.raises(RuntimeError, match=r"gradio\.somewhere\.fetch"):
        replace_function(module, "fetch", print)
    module.fetch = len
    replace_function(module, "fetch", print)
    assert module.fetch is print


def test_the_replacements_are_in_place():
    import gradio.processing_utils as processing

    from vunet.ui.server.atomic_files import write_files_atomically
    from vunet.ui.server.block_downloads import block_downloads

    write_files_atomically()
    block_downloads()
    replaced = [f for f in vars(processing).values() if str(getattr(f, "__module__", "")).startswith("vunet.")]
    assert len(replaced) == 2
