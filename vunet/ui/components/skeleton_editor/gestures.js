// What the pointer can seize and how it moves it. In scope: view.js, zoom.js and what they rest on; from editor.js: history,
// commit, show, ask, switched.

let grip = null; // what the pointer holds: {pointer, move(at) or pan(event), pose, text}
let drawing = 0; // the animation frame that will draw the drag
let pressing = false; // a pointer goes down: what it focuses, it has chosen already

const modes = () => ({ locked: switched("lock"), symmetric: switched("symmetric"), fit: switched("fit") && !placing });

function jointGrip(from, name, at) {
  if (selection.size > 1 && selection.has(name)) return groupGrip(from, [...selection], at);
  const offset = minus(from.joints[name], at);
  return { text: t("joint.moved", titles[name]), move: (to) => dragJoint(from, name, plus(to, offset), rig, modes()) };
}

function groupGrip(from, held, at, text = t("joints.moved", held.length)) {
  return { text, move: (to) => shiftJoints(from, held, bounded(from, held, minus(to, at))) };
}

// A limb carries its two joints and, with locked lengths, what hangs on them. The neck's line carries the head.
function limbGrip(from, limb, at) {
  const ends = limb.split("-").filter((name) => name !== "neck");
  const carried = modes().locked || ends.length < 2 ? ends.flatMap((name) => followers(name, rig)) : ends;
  return groupGrip(from, [...new Set(carried)], at, t("limb.moved"));
}

const bodyGrips = {
  move: (from, at) => (to) => transformBody(from, { by: bounded(from, names, minus(to, at)) }),
  turn: (from, at) => (to) => {
    const centre = bodyCentre(from);
    return transformBody(from, { angle: angleOf(minus(to, centre)) - angleOf(minus(at, centre)) });
  },
  scale: (from, at) => (to) => {
    const centre = bodyCentre(from), start = Math.max(lengthOf(minus(at, centre)), 0.01);
    return transformBody(from, { scale: Math.min(4, Math.max(0.1, lengthOf(minus(to, centre)) / start)) });
  },
};

function gripAt(event, at) {
  const from = history.present, { target } = event;
  const handle = target.closest(".vu-handle"), limb = target.closest(".vu-limb");
  if (target.closest(".vu-joint")) {
    const name = nearestJoint(from, at.x, at.y);
    if (event.shiftKey) select(name);
    else choose(name);
    jointNodes[name].focus({ preventScroll: true });
    if (event.shiftKey) return null;
    return jointGrip(from, name, at);
  }
  if (handle) {
    handle.focus({ preventScroll: true });
    return { text: t("body." + handle.dataset.handle + ".done"), move: bodyGrips[handle.dataset.handle](from, at) };
  }
  if (limb) return limbGrip(from, limb.dataset.limb, at);
  return zoom.scale > 1 ? groundGrip(event) : null;
}

function fraction(event) {
  const box = svg.getBoundingClientRect();
  return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
}

// A joint that is chosen alone; one of several that are chosen stays among them.
function choose(name) {
  chosen = name;
  if (!selection.has(name)) selection = new Set([name]);
  if (history) draw(history.present);
}

// Adds a joint to those chosen, or takes it out again.
function select(name) {
  if (!selection.delete(name)) selection.add(name);
  chosen = selection.has(name) ? name : [...selection].pop() || null;
  draw(history.present);
}

svg.addEventListener("pointerdown", (event) => {
  if (!history || !event.isPrimary || event.button !== 0) return;
  stage.dispatchEvent(new CustomEvent("vu-grab"));
  if (root.contains(document.activeElement)) document.activeElement.blur(); // a typed number counts before the gesture
  pressing = true;
  const seized = gripAt(event, fraction(event));
  pressing = false;
  if (!seized) return event.shiftKey && event.preventDefault();
  event.preventDefault();
  grip = { ...seized, pointer: event.pointerId, pose: history.present };
  svg.setPointerCapture(event.pointerId);
  root.classList.add("vu-dragging");
});

// A finger on the skeleton drags it; beside it, it scrolls the page, or moves what is seen of a zoomed stage.
svg.addEventListener("touchstart", (event) => {
  if (zoom.scale > 1 || event.target.closest(".vu-joint, .vu-handle, .vu-limb")) event.preventDefault();
}, { passive: false });

svg.addEventListener("pointermove", (event) => {
  if (!grip || event.pointerId !== grip.pointer) return;
  if (grip.pan) return grip.pan(event);
  grip.pose = grip.move(fraction(event));
  if (!live.slow) ask(grip.pose);
  if (!drawing) drawing = requestAnimationFrame(() => {
    drawing = 0;
    if (grip) drawMoving(grip.pose);
  });
});

function endDrag(keep) {
  if (!grip) return;
  const { pose, text } = grip;
  grip = null;
  root.classList.remove("vu-dragging");
  if (samePose(pose, history.present)) return;
  if (keep) commit(pose, text);
  else show(history.present);
}

svg.addEventListener("pointerup", (event) => grip && event.pointerId === grip.pointer && endDrag(true));
svg.addEventListener("pointercancel", () => endDrag(false));
svg.addEventListener("lostpointercapture", () => endDrag(true));
svg.addEventListener("dblclick", (event) => {
  if (event.target.closest(".vu-joint") && chosen && !event.shiftKey) toggle(chosen);
});
