"""Words for what people wear, from a file beside their photos."""

import json

import pytest

from vunet import VUNetError
from vunet.data.garment_tags import TAGS_FILE, read_tags, tags_of, wishes
from vunet.model.prior.hierarchical import GARMENTS


def test_words_become_garments_that_are_worn_or_not():
    worn = dict(zip(GARMENTS, wishes(["Jeans", "blazer", "ring"]), strict=True))
    assert worn["trousers"] == worn["coat"] == 1 and worn["dress"] == worn["hat"] == -1
    assert not wishes(None).any()


def test_a_photo_is_named_by_its_path_its_name_or_its_stem(tmp_path):
    (tmp_path / TAGS_FILE).write_text(json.dumps({"a/1.jpg": ["dress"], "2.jpg": ["hat"], "3": ["bag"]}))
    tags = read_tags(tmp_path)
    assert [tags_of(name, tags) for name in ("a/1.jpg", "b/2.jpg", "c/3.png", "4.jpg")] == [
        ["dress"],
        ["hat"],
        ["bag"],
        None,
    ]
    assert read_tags(tmp_path / "elsewhere") == {}


@pytest.mark.parametrize("text", ["[", "[]", '{"a": "dress"}', '{"a": [1]}'])
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path, text):
    (tmp_path / TAGS_FILE).write_text(text)
    with pytest.raises(VUNetError, match="give JSON like"):
        read_tags(tmp_path)
