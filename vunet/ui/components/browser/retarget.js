// Somebody's pose on somebody else's body: directions of bones from the one, lengths from the other, feet on the ground.
// Joints are {name: {x, y, visible}} in a square frame. BONES are [[from, to], ...] from the hips outwards, as in Python.

import { BONES } from "../facts.js";

export const between = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, visible: a.visible && b.visible });
const SHORTEST = 0.2; // of a bone that points at the camera

function withMiddles(joints) {
  return { ...joints, hips: between(joints.lhip, joints.rhip), neck: between(joints.lshoulder, joints.rshoulder) };
}

export const span = (a, b) => Math.hypot(b.x - a.x, b.y - a.y);

export const torsoOf = (joints) => span(between(joints.lhip, joints.rhip), between(joints.lshoulder, joints.rshoulder));

// body: the pose whose proportions and place are kept. start: where the source's hips were when it began, {x}. A bone that
// looks shorter than the body's, each against its own torso, points at the camera or away. torso: how long the source's torso is when
// it is not foreshortened; as this pose shows it, unless given.
export function retargeted(source, body, start, torso) {
  const from = withMiddles(source), to = withMiddles(body);
  const scale = span(to.hips, to.neck) / (torso || torsoOf(source) || 1e-6);
  const at = { hips: { x: to.hips.x + (start ? (from.hips.x - start.x) * scale : 0), y: to.hips.y } };
  for (const [a, b] of BONES) {
    const seen = from[a].visible && from[b].visible, length = span(to[a], to[b]);
    const shown = seen ? span(from[a], from[b]) : 0;
    if (!seen || shown < 1e-6) at[b] = { x: at[a].x + to[b].x - to[a].x, y: at[a].y + to[b].y - to[a].y };
    else {
      const short = Math.min(1, Math.max(SHORTEST, (shown * scale) / (length || 1e-6)));
      const k = (length * short) / shown;
      at[b] = { x: at[a].x + k * (from[b].x - from[a].x), y: at[a].y + k * (from[b].y - from[a].y) };
    }
  }
  const lowest = (joints) => Math.max(joints.lankle.y, joints.rankle.y);
  const drop = source.lankle.visible && source.rankle.visible ? lowest(body) - lowest(at) : 0;
  const joints = {};
  for (const name of Object.keys(body)) {
    const place = (v) => Math.min(1.4, Math.max(-0.4, v));
    joints[name] = { x: place(at[name].x), y: place(at[name].y + drop), visible: body[name].visible };
  }
  return joints;
}
