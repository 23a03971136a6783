// The small picture of the camera or of a film, with the skeletons that are seen in it.

import { LIMBS } from "../facts.js";
import { svgNode } from "../browser/drawing.js";
import { pointOf } from "../browser/geometry.js";

export class Preview {
  constructor(element) {
    const find = (selector) => element.querySelector(selector);
    Object.assign(this, { view: find(".vu-view"), sheet: find("svg"), camera: find(".vu-camera"), film: find(".vu-film") });
  }
  showCamera(on) {
    this.view.hidden = !on;
  }
  showFilm(on) {
    this.view.hidden = this.film.hidden = !on;
    this.camera.hidden = Boolean(on);
    if (!on) this.draw([]);
  }
  // Over the camera, which is a mirror, or over a film, which is none.
  draw(skeletons, video) {
    this.sheet.replaceChildren();
    if (this.view.hidden) return;
    for (const joints of skeletons) this.drawOne(joints, video);
  }
  drawOne(joints, video) {
    const wide = video.videoWidth / video.videoHeight, side = (x) => 50 + ((x - 0.5) * 100) / wide;
    const across = video === this.camera ? (x) => 100 - side(x) : side;
    for (const [a, b, colour] of LIMBS) {
      const p = pointOf({ joints }, a), q = pointOf({ joints }, b);
      if (!p.visible || !q.visible) continue;
      svgNode("line", this.sheet, { x1: across(p.x), y1: 100 * p.y, x2: across(q.x), y2: 100 * q.y, stroke: colour });
    }
  }
  // Where the visitor clicks, in fractions of the picture; null once `givenUp` says so.
  clickedPlace(givenUp) {
    this.view.classList.add("vu-choosing");
    return new Promise((done) => {
      const settle = (place) => {
        clearInterval(timer);
        this.sheet.removeEventListener("click", clicked);
        this.view.classList.remove("vu-choosing");
        done(place);
      };
      const clicked = ({ clientX, clientY }) => {
        const box = this.sheet.getBoundingClientRect();
        settle({ x: (clientX - box.x) / box.width, y: (clientY - box.y) / box.height });
      };
      const timer = setInterval(() => givenUp() && settle(null), 200);
      this.sheet.addEventListener("click", clicked);
    });
  }
}
