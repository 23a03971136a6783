// How joints hang together: limbs of fixed length, both sides at once, the whole body. Pure, like geometry.js.
// A rig is {chains: [[root, middle, end], ...], bends: [[outwards, down], ...] of a straight chain, face: [nose, eye, eye]},
// from Python.

import { clamp, known, otherSide, pointOf } from "../browser/geometry.js";

export const minus = (a, b) => ({ x: a.x - b.x, y: a.y - b.y });
export const plus = (a, b) => ({ x: a.x + b.x, y: a.y + b.y });
export const times = (a, k) => ({ x: a.x * k, y: a.y * k });
const turned = (a, angle) => ({
  x: a.x * Math.cos(angle) - a.y * Math.sin(angle), y: a.x * Math.sin(angle) + a.y * Math.cos(angle) });
export const angleOf = (a) => Math.atan2(a.y, a.x);
export const lengthOf = (a) => Math.hypot(a.x, a.y);

// Unless the body is to fit, the joint that is dragged stays in the frame; what hangs on it, and a body that is turned or scaled, may reach beyond.
const BEYOND = 0.4;
const loosely = (v) => Math.min(1 + BEYOND, Math.max(-BEYOND, v));

function place(pose, points) {
  const joints = { ...pose.joints };
  for (const [name, { x, y }] of Object.entries(points)) joints[name] = { ...joints[name], x: loosely(x), y: loosely(y) };
  return { ...pose, joints };
}

// Moves a joint to a point, by the rules that are switched on.
// fit: the joint may be pulled out of the frame, and the body shrinks and moves until all of it is inside.
export function dragJoint(pose, name, to, rig, { locked = false, symmetric = false, fit = false } = {}) {
  if (fit) return fitted(dragFreely(pose, name, { x: loosely(to.x), y: loosely(to.y) }, rig, { locked, symmetric }), pose);
  return dragFreely(pose, name, { x: clamp(to.x), y: clamp(to.y) }, rig, { locked, symmetric });
}

function dragFreely(pose, name, at, rig, { locked, symmetric }) {
  const pull = locked ? pullJoint : (p, n, point) => place(p, { [n]: point });
  const moved = pull(known(pose, name), name, at, rig), partner = otherSide(name);
  if (!symmetric || !partner) return moved;
  const shift = reflected(pose, minus(moved.joints[name], pose.joints[name]));
  return pull(moved, partner, plus(pose.joints[partner], shift), rig);
}

// Lengths stay: an end pulls its limb along, a middle turns it, a root and the nose carry what hangs on them.
function pullJoint(pose, name, at, rig) {
  const chain = rig.chains.find((c) => c.includes(name)), j = pose.joints;
  if (chain && chain[2] === name) return place(pose, bend(pose, chain, at, rig));
  if (chain && chain[1] === name) return place(pose, swing(j[chain[0]], j[name], j[chain[2]], at, chain));
  return shiftJoints(pose, followers(name, rig), minus(at, j[name]));
}

// Inverse kinematics of two bones: the root stays, the end comes as near to `at` as the limb allows.
function bend(pose, chain, at, rig) {
  const [root, middle, end] = chain.map((name) => pose.joints[name]);
  const first = lengthOf(minus(middle, root)), second = lengthOf(minus(end, middle));
  const way = minus(at, root), far = lengthOf(way);
  const reach = Math.min(Math.max(far, Math.abs(first - second) + 1e-6), first + second - 1e-6);
  const cosine = (first * first + reach * reach - second * second) / (2 * first * reach || 1e-9);
  const direction = far > 1e-9 ? angleOf(way) : angleOf(minus(end, root));
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine))) * bendingSide(pose, chain, direction, rig);
  const polar = (turn, length) => plus(root, { x: length * Math.cos(turn), y: length * Math.sin(turn) });
  return { [chain[1]]: polar(direction + angle, first), [chain[2]]: polar(direction, reach) };
}

const STRAIGHT = 0.35; // sine of the bend below which a limb may bend the other way

// 1 or -1: a limb keeps bending the way it bends; a straight one bends as its rig prefers.
function bendingSide(pose, chain, direction, rig) {
  const [root, middle, end] = chain.map((name) => pose.joints[name]);
  const upper = minus(middle, root), lower = minus(end, middle);
  const bent = cross(upper, lower) / (lengthOf(upper) * lengthOf(lower) || 1e-9);
  if (Math.abs(bent) > STRAIGHT) return bent > 0 ? -1 : 1;
  const [outwards, down] = rig.bends[rig.chains.indexOf(chain)], out = Math.sign(root.x - bodyCentre(pose).x);
  return -Math.sin(direction) * out * outwards + Math.cos(direction) * down >= 0 ? 1 : -1;
}

function swing(root, middle, end, at, [, middleName, endName]) {
  const angle = angleOf(minus(at, root)) - angleOf(minus(middle, root));
  const around = (point) => plus(root, turned(minus(point, root), angle));
  return { [middleName]: around(middle), [endName]: around(end) };
}

const cross = (a, b) => a.x * b.y - a.y * b.x;

// The joint and all that hangs on it.
export function followers(name, rig) {
  const chain = [...rig.chains, rig.face].find((c) => c.includes(name));
  return chain === rig.face && name !== rig.face[0] ? [name] : chain.slice(chain.indexOf(name));
}

export function shiftJoints(pose, names, by) {
  return place(pose, Object.fromEntries(names.map((name) => [name, plus(pose.joints[name], by)])));
}

// A movement seen in the mirror of the body's own axis, from the middle of the hips to the neck.
function reflected(pose, by) {
  const axis = minus(pointOf(pose, "neck"), times(plus(pose.joints.lhip, pose.joints.rhip), 0.5));
  const length = lengthOf(axis), along = length > 1e-6 ? times(axis, 1 / length) : { x: 0, y: -1 };
  return minus(times(along, 2 * (along.x * by.x + along.y * by.y)), by);
}

export function bodyCentre(pose) {
  const hips = times(plus(pose.joints.lhip, pose.joints.rhip), 0.5);
  return times(plus(hips, pointOf(pose, "neck")), 0.5);
}

// Turns by an angle (radians, clockwise) and scales about the body's centre, then moves.
export function transformBody(pose, { angle = 0, scale = 1, by = { x: 0, y: 0 } }) {
  const centre = bodyCentre(pose), points = {};
  for (const [name, joint] of Object.entries(pose.joints)) {
    points[name] = plus(plus(centre, times(turned(minus(joint, centre), angle), scale)), by);
  }
  return place(pose, points);
}

// As much of a movement as keeps these joints in the frame: a body pushed against the edge stops there and does not fold.
export function bounded(pose, names, by) {
  const shown = names.map((name) => pose.joints[name]).filter((joint) => joint.visible);
  const limit = (axis) => {
    const low = -Math.min(...shown.map((j) => j[axis])), high = 1 - Math.max(...shown.map((j) => j[axis]));
    return Math.min(Math.max(by[axis], Math.min(low, 0)), Math.max(high, 0));
  };
  return shown.length ? { x: limit("x"), y: limit("y") } : by;
}

const EDGE = { x: 0.05, top: 0.05, bottom: 0.04 }; // room for what is beyond a joint: a hand, hair, a foot

// The pose, shrunk about its centre and moved until its visible joints are as far inside the frame as EDGE asks, or as those
// of the pose before were.
export function fitted(pose, before) {
  const box = bounds(pose), was = bounds(before);
  const low = { x: Math.min(EDGE.x, was.low.x), y: Math.min(EDGE.top, was.low.y) };
  const high = { x: Math.max(1 - EDGE.x, was.high.x), y: Math.max(1 - EDGE.bottom, was.high.y) };
  const fits = (axis) => (high[axis] - low[axis]) / Math.max(box.high[axis] - box.low[axis], 1e-6);
  const smaller = transformBody(pose, { scale: Math.min(1, fits("x"), fits("y")) }), now = bounds(smaller);
  const back = (axis) => Math.max(0, low[axis] - now.low[axis]) - Math.max(0, now.high[axis] - high[axis]);
  return transformBody(smaller, { by: { x: back("x"), y: back("y") } });
}

export function bounds(pose) {
  const shown = Object.values(pose.joints).filter((joint) => joint.visible);
  const every = (pick, axis) => pick(...shown.map((joint) => joint[axis]));
  return { low: { x: every(Math.min, "x"), y: every(Math.min, "y") }, high: { x: every(Math.max, "x"), y: every(Math.max, "y") } };
}
