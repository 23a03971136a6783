"""Prepared people in archives: the same people, in any order, without their files."""

import json
import shutil
import tarfile

import numpy as np
import pytest
from typer.testing import CliRunner

from vunet import VUNetError
from vunet.cli import app
from vunet.data.dataset import read_person
from vunet.data.index import INDEX_FILE, read_index
from vunet.data.pack import pack
from vunet.runtime.shards import Shard


def same_people(folder, packed):
    ours, theirs = ({record.photo: record for record in read_index(each)} for each in (folder, packed))
    assert ours.keys() == theirs.keys() and ours
    for name, record in ours.items():
        there, here = read_person(packed, theirs[name]), read_person(folder, record)
        assert np.array_equal(there.image, here.image) and np.array_equal(there.mask, here.mask)
        assert np.allclose(there.pose.joints, here.pose.joints, atol=1e-5) and theirs[name].held_out == record.held_out


def test_archives_hold_the_same_people(data, tmp_path):
    counts = pack(data[1], tmp_path / "packed", most=15)
    assert counts == {"people": 42, "archives": 3} and len(list((tmp_path / "packed").glob("*.tar"))) == 3
    same_people(data[1], tmp_path / "packed")


def test_an_archive_is_one_that_webdataset_reads(data, tmp_path):
    """Members of one person stand beside each other and share a key."""
    pack(data[1], tmp_path / "packed")
    with tarfile.open(tmp_path / "packed" / "people.00000.tar") as archive:
        names = archive.getnames()
        first = json.loads(archive.extractfile(names[1]).read())
    assert [name.split(".")[1] for name in names] == ["webp", "json"] * 42
    assert all(a.split(".")[0] == b.split(".")[0] for a, b in zip(names[::2], names[1::2], strict=True))
    assert first["photo"] == read_index(data[1])[0].photo


def test_it_goes_on_where_it_was_cut_short(data, tmp_path):
    packed = tmp_path / "packed"
    pack(data[1], packed, most=15)
    index = packed / INDEX_FILE
    lines = index.read_text().splitlines(keepends=True)
    (packed / "people.00002.tar").unlink()
    index.write_text("".join(lines[:20]) + lines[20][:40])  # killed after the second archive, in the middle of its lines
    assert pack(data[1], packed, most=20) == {"people": 42, "archives": 3}
    same_people(data[1], packed)
    assert pack(data[1], packed)["archives"] == 3  # nothing is left to do
    with tarfile.open(packed / "people.00002.tar") as last:
        assert len(last.getnames()) == 24  # nobody is in two archives


def test_shards_are_read_together(data, tmp_path):
    counts = [pack(data[1], tmp_path / "packed", shard=Shard(number, 2)) for number in (1, 2)]
    assert sum(count["people"] for count in counts) == 42 and all(count["archives"] == 1 for count in counts)
    assert {path.name for path in (tmp_path / "packed").glob("*.tar")} == {f"people.{n}-of-2.00000.tar" for n in (1, 2)}
    same_people(data[1], tmp_path / "packed")


def test_people_that_were_prepared_in_another_way_are_refused(data, tmp_path):
    packed = tmp_path / "packed"
    packed.mkdir()
    (packed / "prepared.json").write_text('{"frame": 64, "masks": false}')
    with pytest.raises(VUNetError, match="another way"):
        pack(data[1], packed)


def test_a_frame_that_is_gone_is_one_sentence(data, tmp_path):
    copy = shutil.copytree(data[1], tmp_path / "copy")
    (copy / read_index(copy)[3].file).unlink()
    with pytest.raises(VUNetError, match="is not there"):
        pack(copy, tmp_path / "packed")


def test_the_folder_itself_is_refused(data, tmp_path):
    with pytest.raises(VUNetError, match="choose another folder"):
        pack(data[1], data[1])
    done = CliRunner().invoke(app, ["pack", str(tmp_path), str(tmp_path / "packed")])
    assert done.exit_code == 1 and "holds no prepared people" in done.output
