// The skeleton editor's gestures. In scope: view.js and what it rests on, library.js, live.js, and Gradio's trigger and watch.

const STEP = 0.005, BIG_STEP = 0.025; // of the frame, for arrow keys

let history = null; // of poses; null until there is one
let detected = null; // the pose that Reset goes back to
let grip = null; // what the pointer holds: {pointer, from, pose, move(at), text}
let drawing = 0; // the animation frame that will draw the drag

function draw(pose) {
  root.classList.add("vu-ready");
  drawBones(pose);
  for (const name of names) drawLabel(name, pose.joints[name]);
  drawHidden(pose, toggle);
  drawNumbers(pose);
  drawBar();
}

function drawBar() {
  const button = (name) => find('[data-do="' + name + '"]');
  button("undo").disabled = !history || !history.past.length;
  button("redo").disabled = !history || !history.future.length;
  button("reset").disabled = !history || !detected || samePose(history.present, detected);
  for (const name of ["mirror", "swap"]) button(name).disabled = !history;
  button("hide").disabled = !chosen;
  button("hide").textContent = chosen && !history.present.joints[chosen].visible ? "Restore joint" : "Hide joint";
  find('[value="photo"]').disabled = !find(".vu-photo").getAttribute("src");
}

// --- the pose library ------------------------------------------------------------------------------------------------

const pick = ({ name, pose }) => history && commit(pose, name);

find(".vu-search").addEventListener("input", () => drawLibrary(pick));
find('[data-do="shelve"]').addEventListener("click", () => {
  if (!history) return;
  const name = shelve(history.present);
  drawLibrary(pick);
  say(name ? "Kept in this browser as " + name : "This browser does not let the page keep poses", !name);
});
drawLibrary(pick);

// --- live rendering --------------------------------------------------------------------------------------------------

const live = new LiveLink(
  (pose, seq) => {
    root.dataset.sent = seq;
    props.value = { pose, seq };
    trigger("pose_live");
  },
  (src, seq) => {
    find(".vu-picture").src = src;
    root.dataset.painted = seq;
  }
);

// The feed beside this component carries pictures and wishes of the server (see component.py).
const stage = element.closest(".vu-stage") || element;
stage.addEventListener("vu-frame", ({ detail }) => {
  if (detail.download) return save(detail);
  if (detail.refresh) return history && show(history.present);
  if (detail.error) say(detail.error, true);
  live.receive(detail);
});

function save({ download, src }) {
  const link = document.createElement("a");
  Object.assign(link, { download, href: src });
  link.click();
  say(download + " saved");
}

function show(pose) {
  draw(pose);
  live.request(pose);
}

function commit(pose, text) {
  history.push(pose);
  show(pose);
  say(text);
}

// A pose from Python: {pose, photo, placing}.
function receivePose() {
  const value = props.value;
  if (!value || !value.pose || value.seq) return;
  endDrag(false); // a gesture on the person before must not be committed to this one
  const pose = value.pose;
  if (history) history.push(pose);
  else history = new History(pose);
  if (value.photo !== undefined) {
    detected = pose;
    find(".vu-photo").src = value.photo;
    setBackdrop(value.placing ? "photo" : "render");
  }
  chosen = null;
  show(pose);
}

// --- what can be seized ----------------------------------------------------------------------------------------------

const switched = (name) => find('[data-do="' + name + '"]').getAttribute("aria-pressed") === "true";
const modes = () => ({ locked: switched("lock"), symmetric: switched("symmetric") });

function jointGrip(from, name, at) {
  const offset = minus(from.joints[name], at);
  return { text: titles[name] + " moved", move: (to) => dragJoint(from, name, plus(to, offset), rig, modes()) };
}

// A limb carries its two joints and, with locked lengths, what hangs on them. The neck's line carries the head.
function limbGrip(from, limb, at) {
  const ends = limb.split("-").filter((name) => name !== "neck");
  const carried = modes().locked || ends.length < 2 ? ends.flatMap((name) => followers(name, rig)) : ends;
  const held = [...new Set(carried)];
  return { text: "Limb moved", move: (to) => shiftJoints(from, held, bounded(from, held, minus(to, at))) };
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
const BODY_TEXTS = { move: "Body moved", turn: "Body turned", scale: "Body scaled" };

function gripAt(target, at) {
  const from = history.present;
  const handle = target.closest(".vu-handle"), limb = target.closest(".vu-limb");
  if (target.closest(".vu-joint")) {
    const name = nearestJoint(from, at.x, at.y);
    jointNodes[name].focus({ preventScroll: true });
    choose(name);
    return jointGrip(from, name, at);
  }
  if (handle) return { text: BODY_TEXTS[handle.dataset.handle], move: bodyGrips[handle.dataset.handle](from, at) };
  return limb ? limbGrip(from, limb.dataset.limb, at) : null;
}

// --- the pointer -----------------------------------------------------------------------------------------------------

function fraction(event) {
  const box = svg.getBoundingClientRect();
  return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
}

function choose(name) {
  chosen = name;
  if (history) draw(history.present);
}

svg.addEventListener("pointerdown", (event) => {
  if (!history || !event.isPrimary || event.button !== 0) return;
  if (root.contains(document.activeElement)) document.activeElement.blur(); // a typed number counts before the gesture
  const seized = gripAt(event.target, fraction(event));
  if (!seized) return;
  event.preventDefault();
  grip = { ...seized, pointer: event.pointerId, pose: history.present };
  svg.setPointerCapture(event.pointerId);
  root.classList.add("vu-dragging");
});

// A finger on the skeleton drags it; beside it, it scrolls the page.
svg.addEventListener("touchstart", (event) => {
  if (event.target.closest(".vu-joint, .vu-handle, .vu-limb")) event.preventDefault();
}, { passive: false });

svg.addEventListener("pointermove", (event) => {
  if (!grip || event.pointerId !== grip.pointer) return;
  grip.pose = grip.move(fraction(event));
  live.request(grip.pose);
  if (!drawing) drawing = requestAnimationFrame(() => {
    drawing = 0;
    if (grip) drawBones(grip.pose);
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
  if (event.target.closest(".vu-joint") && chosen) toggle(chosen);
});

// --- buttons, numbers, keys ------------------------------------------------------------------------------------------

function toggle(name) {
  const pose = toggleJoint(history.present, name);
  commit(pose, titles[name] + (pose.joints[name].visible ? " restored" : " hidden"));
}

function nudge(name, by) {
  const from = history.present;
  commit(dragJoint(from, name, plus(from.joints[name], by), rig, modes()), "");
  say(jointNodes[name].getAttribute("aria-label"));
}

function nudgeBody(handle, by) {
  const from = history.present, amount = by.x - by.y; // right and up: more
  const change = { move: { by: bounded(from, names, by) }, turn: { angle: 4 * amount }, scale: { scale: 1 + 2 * amount } };
  commit(transformBody(from, change[handle]), BODY_TEXTS[handle]);
}

function setBackdrop(name) {
  find(".vu-backdrop").value = name;
  find(".vu-picture").hidden = name !== "render";
  find(".vu-photo").hidden = name !== "photo";
}

function flip(name) {
  const on = !switched(name);
  find('[data-do="' + name + '"]').setAttribute("aria-pressed", String(on));
  if (name === "bones") root.classList.toggle("vu-bare", !on);
  return on;
}

const actions = {
  undo: () => { show(history.undo()); say("Undone"); },
  redo: () => { show(history.redo()); say("Done again"); },
  reset: () => commit(detected, "Back to the pose of the photo"),
  mirror: () => commit(mirrorPose(history.present), "Mirrored"),
  swap: () => commit(swapSides(history.present), "Left and right swapped"),
  hide: () => toggle(chosen),
  bones: () => flip("bones"),
  lock: () => say(flip("lock") ? "Limbs keep their lengths" : "Limbs stretch"),
  symmetric: () => say(flip("symmetric") ? "Both sides move together" : "Each side moves alone"),
  photo: () => setBackdrop(find(".vu-backdrop").value === "photo" ? "render" : "photo"),
};

find(".vu-bar").addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button && !button.disabled) actions[button.dataset.do]();
});

find(".vu-backdrop").addEventListener("change", (event) => setBackdrop(event.target.value));
find(".vu-opacity").addEventListener("input", (event) => {
  for (const image of root.querySelectorAll(".vu-canvas img")) image.style.opacity = event.target.value;
});

find(".vu-numbers").addEventListener("change", ({ target }) => {
  const value = Number(target.value) / 100, joint = history.present.joints[chosen];
  if (target.value === "" || !Number.isFinite(value)) return drawNumbers(history.present);
  const at = { x: joint.x, y: joint.y, [target.dataset.axis]: value };
  commit(moveJoint(history.present, chosen, at.x, at.y), titles[chosen] + " moved"); // numbers are exact: limbs may stretch
});

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LETTERS = { h: "hide", s: "bones", l: "lock", y: "symmetric" };

function arrow(event) {
  const step = event.shiftKey ? BIG_STEP : STEP, [x, y] = ARROWS[event.key], by = { x: x * step, y: y * step };
  const { joint, handle } = event.target.dataset;
  if (joint) nudge(joint, by);
  else if (handle) nudgeBody(handle, by);
  return joint || handle;
}

function letter(key) {
  if (key === "p" && !find('[value="photo"]').disabled) return actions.photo(), true;
  if (!LETTERS[key] || find('[data-do="' + LETTERS[key] + '"]').disabled) return false;
  return actions[LETTERS[key]](), true;
}

element.addEventListener("keydown", (event) => {
  if (!history || event.target.closest("input, select, textarea")) return;
  const key = event.key.toLowerCase(), command = event.ctrlKey || event.metaKey;
  let used = true;
  if (grip) return event.key === "Escape" && endDrag(false); // nothing else may change the history under a gesture
  if (command && key === "z") actions[event.shiftKey ? "redo" : "undo"]();
  else if (command || event.altKey) used = false;
  else if (ARROWS[event.key]) used = Boolean(arrow(event));
  else if ((key === "delete" || key === "backspace") && event.target.dataset.joint) toggle(event.target.dataset.joint);
  else used = letter(key);
  if (used) event.preventDefault();
});

element.addEventListener("focusin", (event) => {
  if (event.target.dataset.joint && !grip) choose(event.target.dataset.joint);
});

watch("value", receivePose);
receivePose();
drawBar();
