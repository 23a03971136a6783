// Times, and where the joints of one person are then: [[x, y, visible], ...] in the order of NAMES, or null.

import { NAMES } from "../facts.js";

export class FilmPoses {
  constructor() {
    this.times = [];
    this.joints = [];
  }
  add(seconds, joints) {
    const rounded = (value) => Math.round(value * 1e4) / 1e4;
    const row = joints && NAMES.map((name) => [rounded(joints[name].x), rounded(joints[name].y), Number(joints[name].visible)]);
    this.times.push(seconds);
    this.joints.push(row);
  }
}
