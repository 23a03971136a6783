// Pure geometry and history of a pose: no DOM.
// A pose is {joints: {name: {x, y, visible, and perhaps guessed: true}}}, fractions of the square frame, and perhaps depth: {limb: "front" or "behind"};
// every function returns a new one.

export const clamp = (v) => Math.min(1, Math.max(0, v));

function withJoint(pose, name, change) {
  return { ...pose, joints: { ...pose.joints, [name]: { ...pose.joints[name], ...change } } };
}

export function moveJoint(pose, name, x, y) {
  return withJoint(known(pose, name), name, { x: clamp(x), y: clamp(y) });
}

export function toggleJoint(pose, name) {
  return withJoint(known(pose, name), name, { visible: !pose.joints[name].visible });
}

// Where a visitor puts a joint it is guessed no longer, nor does the arm lie behind the body for that guess.
export function known(pose, name) {
  const { guessed, ...joint } = pose.joints[name], limb = limbOf(name);
  if (!guessed) return pose;
  const freed = { ...pose, joints: { ...pose.joints, [name]: joint } };
  return limb ? withDepth(freed, limb, null) : freed;
}

export function mirrorPose(pose) {
  const joints = {};
  for (const [name, joint] of Object.entries(pose.joints)) {
    joints[otherSide(name) || name] = { ...joint, x: 1 - joint.x };
  }
  return { ...withSidesSwapped(pose), joints };
}

// Left and right change places, but nothing moves: for a body seen from behind.
export function swapSides(pose) {
  const joints = {};
  for (const [name, joint] of Object.entries(pose.joints)) joints[otherSide(name) || name] = joint;
  return { ...withSidesSwapped(pose), joints };
}

function withSidesSwapped(pose) {
  if (!pose.depth) return pose;
  return { ...pose, depth: Object.fromEntries(Object.entries(pose.depth).map(([limb, value]) => [otherSide(limb), value])) };
}

const LIMB_OF = { shoulder: "arm", elbow: "arm", wrist: "arm", hip: "leg", knee: "leg", ankle: "leg" };

// The name of the arm or leg that a joint is of, as Python has it; null for the face.
export function limbOf(name) {
  const limb = LIMB_OF[name.slice(1)];
  return limb ? name[0] + limb : null;
}

// Where a limb lies as it crosses the body: "front", "behind", or, without a value, as the model sees fit.
export function withDepth(pose, limb, value) {
  const { [limb]: _, ...depth } = pose.depth || {};
  if (value) depth[limb] = value;
  const { depth: __, ...rest } = pose;
  return Object.keys(depth).length ? { ...rest, depth } : rest;
}

export function otherSide(name) {
  const swapped = { r: "l", l: "r" }[name[0]];
  return swapped ? swapped + name.slice(1) : null;
}

// "neck" stands for the middle of the shoulders.
export function pointOf(pose, name) {
  if (name !== "neck") return pose.joints[name];
  const { lshoulder: l, rshoulder: r } = pose.joints;
  return { x: (l.x + r.x) / 2, y: (l.y + r.y) / 2, visible: l.visible && r.visible };
}

export function nearestJoint(pose, x, y) {
  let best = null;
  for (const [name, joint] of Object.entries(pose.joints)) {
    // A visible joint wins over a hidden one in the same place.
    const distance = Math.hypot(joint.x - x, joint.y - y) + (joint.visible ? 0 : 0.015);
    if (!best || distance < best.distance) best = { name, distance };
  }
  return best.name;
}

// Storage may hold anything: a damaged pose must not take the page down, nor reach the server.
export function isPose(pose, names) {
  const joints = pose && pose.joints;
  const fine = (j) => j && typeof j.visible === "boolean" && [j.x, j.y].every((v) => Number.isFinite(v) && Math.abs(v - 0.5) <= 1.5);
  const depth = (pose && pose.depth) || {}, depths = Object.entries(depth);
  const known = ([limb, value]) => /^[rl](arm|leg)$/.test(limb) && ["front", "behind"].includes(value);
  return Boolean(joints && names.every((name) => fine(joints[name])) && typeof depth === "object" && depths.every(known));
}

const written = (pose) => JSON.stringify(pose, (_, v) => (typeof v === "number" ? Math.round(v * 1e6) : v));
export const samePose = (a, b) => written(a) === written(b);

// Undo and redo without limit: one entry a gesture.
export class History {
  constructor(pose) {
    this.past = [];
    this.present = pose;
    this.future = [];
  }
  push(pose) {
    if (samePose(pose, this.present)) return;
    this.past.push(this.present);
    this.present = pose;
    this.future = [];
  }
  undo() {
    if (!this.past.length) return this.present;
    this.future.push(this.present);
    return (this.present = this.past.pop());
  }
  redo() {
    if (!this.future.length) return this.present;
    this.past.push(this.present);
    return (this.present = this.future.pop());
  }
}
