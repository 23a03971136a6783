"""The load benchmark measures what it says, and sees a mix-up when there is one."""

import base64

from vunet.bench.load import POSES, Visitor, _verified, load_report
from vunet.bench.load_server import looks_of
from vunet.bench.lots import CROWDS, PretendedDevice, lot_numbers, machines
from vunet.ui.visitor.data_urls import data_url


def test_two_visitors_get_their_own_pictures_beside_a_matrix():
    numbers = load_report(None, visitors=2, seconds=1.5)
    assert numbers["of somebody else"] == numbers["stale at the end"] == 0
    assert numbers["crowd"]["errors"] == numbers["one beside a matrix"]["errors"] == 0
    assert numbers["pictures"] >= 4 and numbers["one beside a matrix"]["matrix_seconds"] > 0


def test_a_mix_up_and_a_stale_picture_are_seen(studio):
    looks = looks_of(studio, 2)
    jpegs = [
        base64.b64decode(data_url(studio.render(look, POSES[5], studio.live_size)).partition(",")[2]) for look in looks
    ]

    def visitor(jpeg, pose, last):
        return Visitor("", 0, "", 0, pictures=[(pose, jpeg)], last=last)

    right = [visitor(jpegs[0], 5, 5), visitor(jpegs[1], 5, 5)]
    swapped = [visitor(jpegs[1], 5, 5), visitor(jpegs[0], 5, 5)]
    late = [visitor(jpegs[0], 5, 9), visitor(jpegs[1], 5, 5)]
    assert _verified(studio, looks, right) == {"pictures": 2, "of somebody else": 0, "stale at the end": 0}
    assert _verified(studio, looks, swapped)["of somebody else"] == 2
    assert _verified(studio, looks, late)["stale at the end"] == 1


def test_everybody_in_a_crowd_gets_their_own_newest_picture(studio):
    device = PretendedDevice(0.002, 0.0001)
    numbers = lot_numbers(40, device, 1.0)
    assert numbers["wrong"] == numbers["busy"] == 0 and numbers["pictures_per_second"] > 100
    rows = machines(studio, device)
    assert [row["visitors"] for row in rows] == list(CROWDS) and all(row["machines_like_this"] >= 1 for row in rows)


def test_a_device_that_mixes_visitors_up_is_seen():
    class Mixed(PretendedDevice):
        def render(self, items):
            return list(reversed(super().render(items)))

    assert lot_numbers(20, Mixed(0.01, 0.0), 0.5)["wrong"] > 0
