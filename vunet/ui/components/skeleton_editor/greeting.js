// The first seconds of a visit: the person waves once, and a hand points at a wrist until the visitor drags something.

import { svgNode } from "../browser/drawing.js";
import { samePose } from "../browser/geometry.js";
import { dragJoint } from "./rig.js";
import { SIZE } from "./view.js";

const HINTED = "vunet.dragged"; // the key in localStorage: whether this visitor has dragged a joint before
const GREETING = { pause: 500, length: 2200, lift: 0.3, swing: 0.05 }; // milliseconds, fractions of the frame
const HAND = "M-8 0v-34a9 9 0 0 1 18 0v22l30 8a13 13 0 0 1 10 15l-6 26a16 16 0 0 1-16 13H-2a16 16 0 0 1-13-7l-24-34a9 9 0 0 1 13-12l18 13z";

export function greet(editor, pose) {
  if (localStorage.getItem(HINTED) !== null) return;
  pointAt(editor, pose.joints.lwrist);
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) wave(editor, pose);
}

function wave(editor, pose) {
  let begun = null, over = false;
  const stop = () => {
    over = true;
    editor.endMotion(); // who takes hold goes on from what is seen
  };
  const settle = () => {
    over = true;
    editor.played = null;
    editor.stage.removeEventListener("vu-grab", stop);
    editor.play(editor.pose);
  };
  const step = (now) => {
    if (over) return;
    if (!samePose(editor.pose, pose) || editor.live.slow) return settle();
    begun = begun ?? now;
    const part = (now - begun) / GREETING.length;
    if (part >= 1) return settle();
    editor.play((editor.played = waving(pose, part, editor.rig)));
    requestAnimationFrame(step);
  };
  editor.stage.addEventListener("vu-grab", stop, { once: true });
  setTimeout(() => requestAnimationFrame(step), GREETING.pause);
}

// Where the wrist is after a part (0 to 1) of the greeting.
function waving(pose, part, rig) {
  const wrist = pose.joints.lwrist, up = Math.sin(Math.PI * part) ** 0.7;
  const out = Math.sin(6 * Math.PI * part) * GREETING.swing * up;
  return dragJoint(pose, "lwrist", { x: wrist.x + 0.06 * up + out, y: wrist.y - GREETING.lift * up }, rig, { locked: true });
}

function pointAt({ view, stage }, { x, y }) {
  const hand = svgNode("g", view.find(".vu-hint"), { transform: "translate(" + (x * SIZE + 6) + " " + (y * SIZE + 44) + ")" });
  svgNode("path", hand, { d: HAND });
  stage.addEventListener("vu-grab", () => {
    view.find(".vu-hint").replaceChildren();
    localStorage.setItem(HINTED, "1");
  }, { once: true });
}
