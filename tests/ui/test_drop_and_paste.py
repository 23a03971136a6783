"""Files that are dropped on the stage, or pasted, go where their kind is read."""

import base64

import pytest

from tests.ui.stage import difference, painted, spot, stable_picture, until
from vunet.pose.files.formats import write_pose
from vunet.pose.skeleton import Pose

EVENT = """([kind, name, type, data]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0)), transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type }));
  const target = document.querySelector(kind === "drop" ? ".vu-canvas" : "body");
  const options = { bubbles: true, cancelable: true, dataTransfer: transfer, clipboardData: transfer };
  const event = kind === "drop" ? new DragEvent(kind, options) : new ClipboardEvent(kind, options);
  return target.dispatchEvent(event);
}"""


def send(page, kind, name, type_, data):
    return page.evaluate(EVENT, [kind, name, type_, base64.b64encode(data).decode()])


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_a_photo_that_is_dropped_or_pasted_is_read(page, photo, kind):
    before, seq = stable_picture(page), painted(page)
    kept = send(page, kind, "me.png", "image/png", photo.read_bytes())
    assert kept == (kind == "paste")  # a drop must not leave the page
    assert difference(stable_picture(page, seq), before) > 0.3


def test_a_pose_file_that_is_dropped_goes_on_the_stage(page):
    stable_picture(page)
    joints = Pose.default().to_dict()
    joints["joints"]["lwrist"] |= {"x": 0.7, "y": 0.1}
    text = write_pose(Pose.from_dict(joints), "OpenPose, 18 joints")
    send(page, "drop", "pose.json", "application/json", text.encode())
    until(page, lambda: spot(page, "lwrist") == pytest.approx((0.7, 0.1), abs=0.005))


def test_text_may_still_be_dropped_into_fields(page):
    stable_picture(page)
    drop = """() => {
      const transfer = new DataTransfer();
      transfer.setData("text/plain", "red");
      const options = { bubbles: true, cancelable: true, dataTransfer: transfer };
      const field = document.querySelector("input");
      return ["dragover", "drop"].map((kind) => field.dispatchEvent(new DragEvent(kind, options)));
    }"""
    assert page.evaluate(drop) == [True, True]
