// Zoom and pan of the stage: wheel, pinch, buttons, and the empty ground dragged.

import { lengthOf, minus, plus, times } from "./rig.js";

const MOST = 6;
const MIDDLE = { x: 0.5, y: 0.5 };

export class Zoom {
  // pinching: called when two fingers begin; zoomed: after every change.
  constructor(view, { pinching, zoomed }) {
    Object.assign(this, { canvas: view.canvas, root: view.root, world: view.find(".vu-world"), pinching, zoomed });
    this.place = { scale: 1, x: 0, y: 0 }; // the world is scaled, then shifted by fractions of the canvas
    this.pinch = null; // {middle, spread, from} of two fingers: what lay under them stays under them
    this.listen(view.find(".vu-zoom"));
  }
  get scale() {
    return this.place.scale;
  }
  set({ scale, x, y }) {
    scale = Math.min(MOST, Math.max(1, scale));
    const inside = (shift) => Math.min(0, Math.max(1 - scale, shift)); // no ground beyond the picture's edge
    this.place = { scale, x: inside(x), y: inside(y) };
    this.world.style.transform = "translate(" + 100 * this.place.x + "%," + 100 * this.place.y + "%) scale(" + scale + ")";
    this.root.style.setProperty("--vu-unzoom", 1 / Math.sqrt(scale)); // handles grow more slowly than the picture
    this.canvas.classList.toggle("vu-zoomed", scale > 1);
    this.zoomed();
  }
  // Zooms by a factor; what was at a point of the canvas comes to another point, or stays where it is.
  about(at, factor, from = this.place, to = at) {
    const scale = Math.min(MOST, Math.max(1, from.scale * factor));
    this.set({ scale, ...minus(to, times(minus(at, from), scale / from.scale)) });
  }
  // A grip on the empty ground of a zoomed stage moves what is seen.
  groundGrip(event) {
    const start = this.at(event), from = this.place;
    return { pan: (moved) => this.set({ ...from, ...plus(from, minus(this.at(moved), start)) }) };
  }
  at({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    return { x: (clientX - box.left) / box.width, y: (clientY - box.top) / box.height };
  }
  listen(buttons) {
    const actions = {
      in: () => this.about(MIDDLE, 1.5),
      out: () => this.about(MIDDLE, 1 / 1.5),
      fit: () => this.set({ scale: 1, x: 0, y: 0 }),
    };
    buttons.addEventListener("click", ({ target }) => target.dataset.zoom && actions[target.dataset.zoom]());
    const here = (name, act) => this.canvas.addEventListener(name, act, { passive: false });
    here("wheel", (event) => this.wheel(event));
    here("touchstart", (event) => this.begin(event));
    here("touchmove", (event) => this.move(event));
    for (const end of ["touchend", "touchcancel"]) here(end, () => (this.pinch = null));
  }
  // The wheel zooms with Ctrl, as a pinch on a touchpad does, or after the stage was touched; else it scrolls the page.
  wheel(event) {
    const wanted = event.ctrlKey || event.metaKey || this.canvas.contains(document.activeElement);
    if (!wanted || (event.deltaY > 0 && this.scale === 1 && !event.ctrlKey)) return;
    event.preventDefault();
    this.about(this.at(event), Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)));
  }
  begin(event) {
    if (event.touches.length !== 2) return;
    event.preventDefault();
    this.pinching();
    this.pinch = { ...this.fingers(event.touches), from: this.place };
  }
  move(event) {
    if (!this.pinch || event.touches.length !== 2) return;
    event.preventDefault();
    const { middle, spread } = this.fingers(event.touches);
    this.about(this.pinch.middle, spread / this.pinch.spread, this.pinch.from, middle);
  }
  fingers(touches) {
    const [a, b] = [touches[0], touches[1]].map((finger) => this.at(finger));
    return { middle: times(plus(a, b), 0.5), spread: Math.max(lengthOf(minus(a, b)), 0.01) };
  }
}
