// Buttons, numbers and keys of the editor.

import { limbOf, mirrorPose, moveJoint, samePose, swapSides, withDepth } from "../browser/geometry.js";
import { t } from "../browser/words.js";
import { bounded, dragJoint, plus, shiftJoints, transformBody } from "./rig.js";
import { copyPicture } from "./saving.js";

const STEP = 0.005, BIG_STEP = 0.025; // of the frame, for arrow keys
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LETTERS = { h: "hide", s: "bones", l: "lock", y: "symmetric" };
const SIDES = { f: "front", b: "behind" };
const SWITCHES = ["fit", "proportions", "lock", "symmetric"]; // which say that they are on or off, and do nothing else

export class Tools {
  constructor(editor) {
    Object.assign(this, { editor, view: editor.view, find: editor.view.find });
    this.actions = this.allActions();
    this.listen();
  }
  allActions() {
    const { editor, view } = this, { say } = editor;
    return {
      undo: () => { editor.show(editor.history.undo()); say(t("undo.done")); },
      redo: () => { editor.show(editor.history.redo()); say(t("redo.done")); },
      reset: () => editor.commit(editor.detected, t("reset.done")),
      mirror: () => editor.commit(mirrorPose(editor.pose), t("mirror.done")),
      swap: () => editor.commit(swapSides(editor.pose), t("swap.done")),
      all: () => this.selectAll(),
      hide: () => editor.toggle(view.chosen),
      bones: () => view.root.classList.toggle("vu-bare", !this.flip("bones")),
      copy: () => copyPicture(this.find(".vu-picture"), say),
      follow: () => { say(t(this.flip("follow") ? "follow.on" : "follow.off")); editor.checkAstray(); },
      scene: () => { say(t(this.flip("scene") ? "scene.on" : "scene.off")); editor.ask(editor.pose); },
      peek: () => {},
      photo: () => editor.backdrop.set(editor.backdrop.name === "photo" ? "render" : "photo"),
      ...Object.fromEntries(SWITCHES.map((name) => [name, () => say(t(name + (this.flip(name) ? ".on" : ".off")))])),
    };
  }
  draw() {
    const { editor, view } = this, { history, detected } = editor, { chosen } = view;
    const tool = (name) => this.button(name);
    tool("undo").disabled = !history || !history.past.length;
    tool("redo").disabled = !history || !history.future.length;
    tool("reset").disabled = !history || !detected || samePose(history.present, detected);
    for (const name of ["mirror", "swap", "all", "copy"]) tool(name).disabled = !history;
    this.find(".vu-turn").disabled = !history;
    tool("all").textContent = t(view.selection.size === view.names.length ? "all.none" : "all");
    tool("hide").disabled = !chosen;
    tool("hide").textContent = t(chosen && !history.present.joints[chosen].visible ? "hide.restore" : "hide");
    const photo = Boolean(this.find(".vu-photo").getAttribute("src"));
    for (const name of ["photo", "compare"]) this.find('[value="' + name + '"]').disabled = !photo;
    tool("peek").disabled = !photo;
    tool("scene").disabled = !editor.scenic;
  }
  button(name) {
    return this.find('[data-do="' + name + '"]');
  }
  isOn(name) {
    return this.button(name).getAttribute("aria-pressed") === "true";
  }
  set(name, on) {
    this.button(name).setAttribute("aria-pressed", String(on));
  }
  flip(name) {
    const on = !this.isOn(name);
    this.set(name, on);
    return on;
  }
  listen() {
    const { element } = this.editor;
    this.closeMenuAsMenusDo();
    this.find(".vu-bar").addEventListener("click", ({ target }) => this.press(target.closest("[data-do]")));
    this.find(".vu-numbers").addEventListener("change", ({ target }) => this.type(target));
    this.find(".vu-depth").addEventListener("click", ({ target }) => {
      const pressed = target.closest("[data-depth]");
      if (pressed) this.setDepth(pressed.dataset.depth);
    });
    element.addEventListener("keydown", (event) => this.key(event));
    element.addEventListener("focusin", ({ target }) => {
      if (target.dataset.joint && !this.editor.gestures.pressing) this.editor.choose(target.dataset.joint);
    });
  }
  closeMenuAsMenusDo() {
    const menu = this.find(".vu-more");
    document.addEventListener("pointerdown", ({ target }) => {
      if (!menu.contains(target)) menu.open = false;
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }
  press(pressed) {
    if (pressed && !pressed.disabled) this.actions[pressed.dataset.do]();
    if (pressed && pressed.closest(".vu-menu")) this.find(".vu-more").open = false;
  }
  selectAll() {
    const { view, editor } = this, every = view.selection.size < view.names.length;
    view.selectOnly(every ? view.names : []);
    editor.draw(editor.pose);
    editor.say(t(every ? "all.done" : "all.undone"));
  }
  // Exact: limbs may stretch.
  type(field) {
    const { editor, view } = this, { chosen } = view, { pose } = editor, value = Number(field.value) / 100;
    if (field.value === "" || !Number.isFinite(value)) return view.drawNumbers(pose);
    const at = { x: pose.joints[chosen].x, y: pose.joints[chosen].y, [field.dataset.axis]: value };
    editor.commit(moveJoint(pose, chosen, at.x, at.y), t("joint.moved", view.titles[chosen]));
  }
  // A limb that crosses the body lies in front of it or behind; the same button again leaves it to the model.
  setDepth(value) {
    const { editor, view } = this, { pose } = editor, limb = view.chosen && limbOf(view.chosen);
    if (!limb) return editor.say(t("depth.none"));
    const again = pose.depth && pose.depth[limb] === value;
    editor.commit(withDepth(pose, limb, again ? null : value), t(again ? "depth.free" : "depth." + value, t("limb." + limb)));
  }
  nudge(name, by) {
    const { editor, view } = this, from = editor.pose;
    const group = view.selection.size > 1 && view.selection.has(name) ? [...view.selection] : null;
    if (group) return editor.commit(shiftJoints(from, group, bounded(from, group, by)), t("joints.moved", group.length));
    editor.commit(dragJoint(from, name, plus(from.joints[name], by), editor.rig, editor.modes), "");
    editor.say(view.jointNodes[name].getAttribute("aria-label"));
  }
  nudgeBody(handle, by) {
    const { editor, view } = this, from = editor.pose, amount = by.x - by.y; // right and up: more
    const change = { move: { by: bounded(from, view.names, by) }, turn: { angle: 4 * amount }, scale: { scale: 1 + 2 * amount } };
    editor.commit(transformBody(from, change[handle]), t("body." + handle + ".done"));
  }
  // Whether a key was used is what the next four say.
  arrow(event) {
    const step = event.shiftKey ? BIG_STEP : STEP, [x, y] = ARROWS[event.key], by = { x: x * step, y: y * step };
    const { joint, handle } = event.target.dataset;
    if (joint) this.nudge(joint, by);
    else if (handle) this.nudgeBody(handle, by);
    return Boolean(joint || handle);
  }
  // Space or Enter on a joint gathers it, or lets it go: what Shift and a click do.
  gather({ target }) {
    const name = target.dataset.joint;
    if (name) this.editor.select(name);
    return Boolean(name);
  }
  letter(key) {
    if (SIDES[key]) return this.setDepth(SIDES[key]), true;
    if (key === "p" && !this.find('[value="photo"]').disabled) return this.actions.photo(), true;
    if (!LETTERS[key] || this.button(LETTERS[key]).disabled) return false;
    return this.actions[LETTERS[key]](), true;
  }
  used(event) {
    const key = event.key.toLowerCase(), command = event.ctrlKey || event.metaKey, { joint } = event.target.dataset;
    if (command && key === "z") return this.actions[event.shiftKey ? "redo" : "undo"](), true;
    if (command || event.altKey) return false;
    if (ARROWS[event.key]) return this.arrow(event);
    if (key === " " || key === "enter") return this.gather(event);
    if ((key === "delete" || key === "backspace") && joint) return this.editor.toggle(joint), true;
    return this.letter(key);
  }
  key(event) {
    const { editor } = this;
    if (!editor.history || event.target.closest("input, select, textarea")) return;
    // Nothing else may change the history under a gesture.
    if (editor.gestures.grip) return event.key === "Escape" && editor.gestures.end(false);
    if (this.used(event)) event.preventDefault();
  }
}
