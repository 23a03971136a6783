// What the pointer can seize and how it moves it.

import { nearestJoint, samePose } from "../browser/geometry.js";
import { t } from "../browser/words.js";
import { angleOf, bodyCentre, bounded, dragJoint, followers, lengthOf, minus, plus, shiftJoints, transformBody } from "./rig.js";

export class Gestures {
  constructor(editor) {
    Object.assign(this, { editor, view: editor.view, svg: editor.view.svg });
    this.grip = null; // what the pointer holds: {pointer, move(at) or pan(event), pose, text}
    this.frame = 0; // the animation frame that will draw the drag
    this.pressing = false; // a pointer goes down: what it focuses, it has chosen already
    this.listen();
  }
  listen() {
    const { svg } = this;
    svg.addEventListener("pointerdown", (event) => this.begin(event));
    svg.addEventListener("pointermove", (event) => this.move(event));
    svg.addEventListener("pointerup", (event) => this.grip && event.pointerId === this.grip.pointer && this.end(true));
    svg.addEventListener("pointercancel", () => this.end(false));
    svg.addEventListener("lostpointercapture", () => this.end(true));
    svg.addEventListener("dblclick", (event) => {
      if (event.target.closest(".vu-joint") && this.view.chosen && !event.shiftKey) this.editor.toggle(this.view.chosen);
    });
    // A finger on the skeleton drags it; beside it, it scrolls the page, or moves what is seen of a zoomed stage.
    svg.addEventListener("touchstart", (event) => {
      const held = event.target.closest(".vu-joint, .vu-handle, .vu-limb");
      if (this.editor.zoom.scale > 1 || held) event.preventDefault();
    }, { passive: false });
  }
  begin(event) {
    const { editor, view } = this;
    if (!editor.history || !event.isPrimary || event.button !== 0) return;
    editor.grab();
    if (view.root.contains(document.activeElement)) document.activeElement.blur(); // a typed number counts before the gesture
    this.pressing = true;
    const seized = this.gripAt(event, this.at(event));
    this.pressing = false;
    if (!seized) return event.shiftKey && event.preventDefault();
    event.preventDefault();
    this.grip = { ...seized, pointer: event.pointerId, pose: editor.pose };
    this.svg.setPointerCapture(event.pointerId);
    view.root.classList.add("vu-dragging");
  }
  move(event) {
    const { grip, editor } = this;
    if (!grip || event.pointerId !== grip.pointer) return;
    if (grip.pan) return grip.pan(event);
    grip.pose = grip.move(this.at(event));
    if (!editor.live.slow) editor.ask(grip.pose);
    if (!this.frame) this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      if (this.grip) this.view.drawMoving(this.grip.pose);
    });
  }
  end(keep) {
    if (!this.grip) return;
    const { pose, text } = this.grip;
    this.grip = null;
    this.view.root.classList.remove("vu-dragging");
    if (samePose(pose, this.editor.pose)) return;
    if (keep) this.editor.commit(pose, text);
    else this.editor.show(this.editor.pose);
  }
  gripAt(event, at) {
    const { target } = event, handle = target.closest(".vu-handle"), limb = target.closest(".vu-limb");
    if (target.closest(".vu-joint")) return this.jointGrip(event, at);
    if (handle) {
      handle.focus({ preventScroll: true });
      const name = handle.dataset.handle;
      return { text: t("body." + name + ".done"), move: this.bodyGrip(name, this.editor.pose, at) };
    }
    if (limb) return this.limbGrip(limb.dataset.limb, at);
    return this.editor.zoom.scale > 1 ? this.editor.zoom.groundGrip(event) : null;
  }
  jointGrip(event, at) {
    const { editor, view } = this, from = editor.pose, name = nearestJoint(from, at.x, at.y);
    if (event.shiftKey) editor.select(name);
    else editor.choose(name);
    view.jointNodes[name].focus({ preventScroll: true });
    if (event.shiftKey) return null;
    if (view.selection.size > 1 && view.selection.has(name)) return this.groupGrip([...view.selection], at);
    const offset = minus(from.joints[name], at);
    const move = (to) => dragJoint(from, name, plus(to, offset), editor.rig, editor.modes);
    return { text: t("joint.moved", view.titles[name]), move };
  }
  groupGrip(held, at, text = t("joints.moved", held.length)) {
    const from = this.editor.pose;
    return { text, move: (to) => shiftJoints(from, held, bounded(from, held, minus(to, at))) };
  }
  // A limb carries its two joints and, with locked lengths, what hangs on them. The neck's line carries the head.
  limbGrip(limb, at) {
    const { rig, modes } = this.editor, ends = limb.split("-").filter((name) => name !== "neck");
    const carried = modes.locked || ends.length < 2 ? ends.flatMap((name) => followers(name, rig)) : ends;
    return this.groupGrip([...new Set(carried)], at, t("limb.moved"));
  }
  bodyGrip(name, from, at) {
    const centre = bodyCentre(from), start = Math.max(lengthOf(minus(at, centre)), 0.01);
    return {
      move: (to) => transformBody(from, { by: bounded(from, this.view.names, minus(to, at)) }),
      turn: (to) => transformBody(from, { angle: angleOf(minus(to, centre)) - angleOf(minus(at, centre)) }),
      scale: (to) => transformBody(from, { scale: Math.min(4, Math.max(0.1, lengthOf(minus(to, centre)) / start)) }),
    }[name];
  }
  at(event) {
    const box = this.svg.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  }
}
