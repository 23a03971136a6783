// What a pose looks like on the stage, and which of its joints are chosen.

import { button, setAll, svgNode } from "../browser/drawing.js";
import { limbOf, pointOf } from "../browser/geometry.js";
import { t, translate } from "../browser/words.js";
import { bodyCentre } from "./rig.js";

export const SIZE = 1000; // of the viewBox
const HANDLES = {
  move: "M-16 0H16M0-16V16M-16 0l6-5v10zM16 0l-6-5v10zM0-16l-5 6h10zM0 16l-5-6h10z",
  turn: "M-13 4a13 13 0 1 1 4 8M-13 4l-6-7M-13 4l8-5",
  scale: "M-12 12L12-12M12-12h-9M12-12v9M-12 12h9M-12 12v-9",
};

export class View {
  // skeleton: {names, limbs}. server: says where limbs lie by themselves.
  constructor(element, { names, limbs }, server) {
    this.find = (selector) => element.querySelector(selector);
    this.names = names;
    this.server = server;
    this.root = this.find(".vu-editor");
    this.canvas = this.find(".vu-canvas");
    this.svg = this.find(".vu-world svg");
    this.chosen = null; // name of the joint that was chosen last
    this.selection = new Set(); // names of all chosen joints, which move together
    this.titles = Object.fromEntries(names.map((name) => [name, t("joint." + name)]));
    translate(element);
    this.limbNodes = limbs.map((limb) => this.limbNode(limb));
    const colourOf = {};
    for (const [a, b, colour] of limbs) for (const n of [a, b]) colourOf[n] = colourOf[n] || colour;
    this.jointNodes = Object.fromEntries(names.map((name) => [name, this.jointNode(name, colourOf[name])]));
    this.handleNodes = Object.fromEntries(Object.keys(HANDLES).map((name) => [name, this.handleNode(name)]));
  }
  // A visible line and a broader one that can be seized.
  limbNode([a, b, colour]) {
    const group = svgNode("g", this.find(".vu-limbs"), { class: "vu-limb", "data-limb": a + "-" + b });
    return { a, b, group, lines: [svgNode("line", group, { class: "vu-reach" }), svgNode("line", group, { stroke: colour })] };
  }
  jointNode(name, colour) {
    const node = svgNode("g", this.find(".vu-joints"), { class: "vu-joint", tabindex: "0", role: "button", "data-joint": name });
    svgNode("circle", node, { class: "vu-hit", r: 40 });
    svgNode("circle", node, { class: "vu-ring", r: 21 });
    svgNode("circle", node, { class: "vu-dot", r: name.endsWith("eye") ? 8 : 12, fill: colour });
    return node;
  }
  handleNode(name) {
    const title = t("body." + name);
    const node = svgNode("g", this.find(".vu-handles"), {
      class: "vu-handle", tabindex: "0", role: "button", "data-handle": name, "aria-label": title + ": " + t("body.keys") });
    svgNode("title", node, {}).textContent = title;
    svgNode("circle", node, { r: 27 });
    svgNode("path", node, { d: HANDLES[name] });
    return node;
  }
  // During a drag this alone runs: the browser shares its cores with the model.
  drawMoving(pose) {
    for (const { a, b, group, lines } of this.limbNodes) {
      const p = pointOf(pose, a), q = pointOf(pose, b);
      setAll(group, { visibility: p.visible && q.visible ? "inherit" : "hidden" });
      for (const line of lines) setAll(line, { x1: p.x * SIZE, y1: p.y * SIZE, x2: q.x * SIZE, y2: q.y * SIZE });
    }
    for (const name of this.names) moveNode(this.jointNodes[name], pose.joints[name]);
    this.drawHandles(pose);
    this.drawNumbers(pose);
  }
  // restore: what a click on a hidden joint's button does with its name.
  drawResting(pose, restore) {
    this.root.classList.add("vu-ready");
    this.drawMoving(pose);
    for (const name of this.names) this.drawLabel(name, pose.joints[name]);
    this.drawHidden(pose, restore);
  }
  drawHandles(pose) {
    const xs = this.names.map((name) => pose.joints[name].x), centre = bodyCentre(pose);
    const beside = Math.max(...xs) + 0.09 > 0.96 ? Math.max(0.04, Math.min(...xs) - 0.09) : Math.max(...xs) + 0.09;
    moveNode(this.handleNodes.move, centre);
    moveNode(this.handleNodes.turn, { x: beside, y: Math.min(0.9, Math.max(0.04, centre.y - 0.035)) });
    moveNode(this.handleNodes.scale, { x: beside, y: Math.min(0.96, Math.max(0.1, centre.y + 0.035)) });
  }
  drawLabel(name, { x, y, visible, guessed }) {
    const node = this.jointNodes[name], chosen = this.selection.has(name);
    node.classList.toggle("vu-off", !visible);
    node.classList.toggle("vu-guessed", Boolean(visible && guessed));
    node.classList.toggle("vu-chosen", chosen);
    node.setAttribute("aria-pressed", String(chosen));
    const where = visible ? t("joint.where", Math.round(x * 100), Math.round(y * 100)) : t("joint.hidden");
    node.setAttribute("aria-label", this.titles[name] + ", " + where + (visible && guessed ? ", " + t("joint.guessed") : ""));
  }
  // The list of hidden joints, each with a button that restores it.
  drawHidden(pose, restore) {
    const missing = this.names.filter((name) => !pose.joints[name].visible);
    const restorer = (name) => button("+ " + this.titles[name], t("joint.restore", this.titles[name]), () => {
      restore(name);
      this.jointNodes[name].focus(); // this button is gone
    });
    this.find(".vu-hidden").replaceChildren(...(missing.length ? [t("joint.missing")] : []), ...missing.map(restorer));
  }
  drawNumbers(pose) {
    const box = this.find(".vu-numbers");
    box.hidden = !this.chosen;
    if (!this.chosen) return;
    box.querySelector(".vu-name").textContent = this.titles[this.chosen];
    for (const axis of ["x", "y"]) {
      const field = box.querySelector('[data-axis="' + axis + '"]');
      if (document.activeElement !== field) field.value = (100 * pose.joints[this.chosen][axis]).toFixed(1);
    }
    this.drawDepth(pose, limbOf(this.chosen));
  }
  drawDepth(pose, limb) {
    this.find(".vu-depth").hidden = !limb;
    for (const node of this.root.querySelectorAll("[data-depth]")) {
      node.setAttribute("aria-pressed", String(Boolean(limb && pose.depth && pose.depth[limb] === node.dataset.depth)));
      node.classList.remove("vu-guess");
    }
    if (limb && !(pose.depth && pose.depth[limb])) this.markSide(pose, limb);
  }
  // Where the lifted body has a limb of which nothing was said: that button is dashed.
  async markSide(pose, limb) {
    const asked = JSON.stringify(pose.joints), box = this.find(".vu-depth");
    box.dataset.pose = asked;
    const answer = await this.server.depths({ pose }).catch(() => null);
    const late = box.dataset.pose !== asked || !this.chosen || limbOf(this.chosen) !== limb;
    if (late || !answer || !answer.sides) return;
    const node = this.root.querySelector('[data-depth="' + answer.sides[limb] + '"]');
    if (node) node.classList.add("vu-guess");
  }
  markAstray(astray) {
    for (const name of this.names) this.jointNodes[name].classList.toggle("vu-astray", astray.includes(name));
  }
  say(text, bad = false) {
    const status = this.find(".vu-status");
    status.textContent = text;
    status.classList.toggle("vu-bad", bad);
  }
  // Whether it says that something is wrong.
  get complains() {
    return this.find(".vu-status").classList.contains("vu-bad");
  }
  // A joint that is chosen alone; one of several that are chosen stays among them.
  choose(name) {
    this.chosen = name;
    if (!this.selection.has(name)) this.selection = new Set([name]);
  }
  // Adds a joint to those chosen, or takes it out again.
  select(name) {
    if (!this.selection.delete(name)) this.selection.add(name);
    this.chosen = this.selection.has(name) ? name : [...this.selection].pop() || null;
  }
  selectOnly(names) {
    this.selection = new Set(names);
    this.chosen = names.length ? this.chosen || "cnose" : null;
  }
}

function moveNode(node, { x, y }) {
  setAll(node, { transform: "translate(" + x * SIZE + " " + y * SIZE + ")" });
}
