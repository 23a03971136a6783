// Turns the body about the vertical axis. The server says once how deep each joint lies; then every angle is known here.

import { t } from "../browser/words.js";

export class Turning {
  constructor(editor) {
    Object.assign(this, { editor, slider: editor.view.find(".vu-turn"), degrees: editor.view.find(".vu-degrees") });
    this.gesture = null; // {pose, depths, turned} of what is being turned, null between two gestures
    this.slider.addEventListener("input", () => {
      if (!editor.history) return;
      if (!this.gesture) this.begin();
      this.turnTo(Number(this.slider.value));
    });
    this.slider.addEventListener("change", () => this.end());
  }
  async begin() {
    const { editor } = this, pose = editor.pose, mine = { pose, depths: null };
    this.gesture = mine;
    const answer = await editor.server.depths({ pose }).catch(() => null);
    if (this.gesture !== mine) return;
    if (!answer || !answer.depths) return editor.view.say((answer && answer.error) || t("server.silent"), true);
    mine.depths = answer.depths;
    this.turnTo(Number(this.slider.value));
  }
  turnTo(degrees) {
    this.degrees.textContent = degrees + "°";
    const { gesture, editor } = this;
    if (!gesture || !gesture.depths) return;
    gesture.turned = turnedAbout(gesture.pose, gesture.depths, degrees);
    editor.view.drawMoving(gesture.turned);
    editor.ask(gesture.turned);
  }
  // One gesture is one undo; then the slider stands in the middle again, for the pose that there is.
  end() {
    const done = this.gesture && this.gesture.turned, degrees = this.slider.value;
    this.gesture = null;
    this.slider.value = 0;
    this.degrees.textContent = "0°";
    if (done) this.editor.commit(done, t("turned", degrees));
  }
}

function turnedAbout(pose, depths, degrees) {
  const angle = (degrees * Math.PI) / 180, axis = (pose.joints.lhip.x + pose.joints.rhip.x) / 2, joints = {};
  for (const [name, joint] of Object.entries(pose.joints)) {
    const deep = joint.visible ? depths[name] : 0;
    joints[name] = { ...joint, x: axis + (joint.x - axis) * Math.cos(angle) + deep * Math.sin(angle) };
  }
  return { joints }; // what was in front lies elsewhere now
}
