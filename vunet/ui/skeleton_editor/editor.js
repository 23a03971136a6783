// The skeleton editor's view and gestures. In scope: element, props, trigger, watch (Gradio), geometry.js and live.js.

const NS = "http://www.w3.org/2000/svg";
const SIZE = 1000; // of the viewBox
const STEP = 0.005, BIG_STEP = 0.025; // of the frame, for arrow keys
const find = (selector) => element.querySelector(selector);
const root = find(".vu-editor"), svg = find("svg"), status = find(".vu-status");
const { names, titles, limbs } = props.skeleton;

let history = null; // of poses; null until there is one
let detected = null; // the pose that Reset goes back to
let dragged = null; // {name, pointer, start, offset}
let drawing = 0; // the animation frame that will draw the drag
let chosen = null; // name of the selected joint

// --- drawing ---------------------------------------------------------------------------------------------------------

function svgNode(tag, parent, attributes) {
  const node = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return parent.appendChild(node);
}

const limbNodes = limbs.map(([a, b, colour]) => ({ a, b, node: svgNode("line", find(".vu-limbs"), { stroke: colour }) }));

const colourOf = {};
for (const [a, b, colour] of limbs) for (const n of [a, b]) colourOf[n] = colourOf[n] || colour;

const jointNodes = Object.fromEntries(names.map((name) => {
  const node = svgNode("g", find(".vu-joints"), { class: "vu-joint", tabindex: "0", role: "button", "data-joint": name });
  svgNode("circle", node, { class: "vu-hit", r: 40 });
  svgNode("circle", node, { class: "vu-ring", r: 21 });
  svgNode("circle", node, { class: "vu-dot", r: name.endsWith("eye") ? 8 : 12, fill: colourOf[name] });
  return [name, node];
}));

// Everything that shows a pose. During a drag, `drawBones` alone runs: the browser shares its cores with the model.
function draw(pose) {
  root.classList.add("vu-ready");
  drawBones(pose);
  for (const name of names) drawLabel(name, pose.joints[name]);
  drawHidden(pose);
  drawBar();
}

function drawBones(pose) {
  for (const { a, b, node } of limbNodes) {
    const p = pointOf(pose, a), q = pointOf(pose, b);
    setAll(node, { visibility: p.visible && q.visible ? "inherit" : "hidden",
      x1: p.x * SIZE, y1: p.y * SIZE, x2: q.x * SIZE, y2: q.y * SIZE });
  }
  for (const name of names) {
    const { x, y } = pose.joints[name];
    setAll(jointNodes[name], { transform: "translate(" + x * SIZE + " " + y * SIZE + ")" });
  }
}

function setAll(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}

function drawLabel(name, { x, y, visible }) {
  const node = jointNodes[name];
  node.classList.toggle("vu-off", !visible);
  node.classList.toggle("vu-chosen", name === chosen);
  const where = Math.round(x * 100) + " percent across, " + Math.round(y * 100) + " percent down";
  node.setAttribute("aria-label", titles[name] + ", " + (visible ? where : "hidden"));
}

function drawHidden(pose) {
  const missing = names.filter((name) => !pose.joints[name].visible);
  const list = find(".vu-hidden");
  list.replaceChildren(...(missing.length ? ["Hidden:"] : []), ...missing.map((name) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "+ " + titles[name];
    button.title = "Restore";
    button.addEventListener("click", () => toggle(name));
    return button;
  }));
}

function drawBar() {
  const button = (name) => find('[data-do="' + name + '"]');
  button("undo").disabled = !history || !history.past.length;
  button("redo").disabled = !history || !history.future.length;
  button("reset").disabled = !history || !detected || samePose(history.present, detected);
  button("mirror").disabled = !history;
  button("hide").disabled = !chosen;
  button("hide").textContent = chosen && !history.present.joints[chosen].visible ? "Restore joint" : "Hide joint";
  button("photo").disabled = !find(".vu-photo").getAttribute("src");
}

function say(text, bad = false) {
  status.textContent = text;
  status.classList.toggle("vu-bad", bad);
}

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
  if (detail.refresh) return history && show(history.present);
  if (detail.error) say(detail.error, true);
  live.receive(detail);
});

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
  const pose = value.pose;
  if (history) history.push(pose);
  else history = new History(pose);
  if (value.photo !== undefined) {
    detected = pose;
    find(".vu-photo").src = value.photo;
    press("photo", Boolean(value.placing));
  }
  chosen = null;
  show(pose);
}

// --- gestures --------------------------------------------------------------------------------------------------------

function fraction(event) {
  const box = svg.getBoundingClientRect();
  return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
}

function choose(name) {
  chosen = name;
  if (history) draw(history.present);
}

svg.addEventListener("pointerdown", (event) => {
  if (!history || !event.isPrimary || event.button !== 0 || !event.target.closest(".vu-joint")) return;
  event.preventDefault();
  const at = fraction(event), name = nearestJoint(history.present, at.x, at.y);
  const joint = history.present.joints[name];
  dragged = { name, pointer: event.pointerId, pose: history.present, dx: joint.x - at.x, dy: joint.y - at.y };
  svg.setPointerCapture(event.pointerId);
  root.classList.add("vu-dragging");
  jointNodes[name].focus({ preventScroll: true });
  choose(name);
});

// A finger on a joint drags it; beside the joints it scrolls the page.
svg.addEventListener("touchstart", (event) => {
  if (event.target.closest(".vu-joint")) event.preventDefault();
}, { passive: false });

svg.addEventListener("pointermove", (event) => {
  if (!dragged || event.pointerId !== dragged.pointer) return;
  const at = fraction(event);
  dragged.pose = moveJoint(history.present, dragged.name, at.x + dragged.dx, at.y + dragged.dy);
  live.request(dragged.pose);
  if (!drawing) drawing = requestAnimationFrame(() => {
    drawing = 0;
    if (dragged) drawBones(dragged.pose);
  });
});

function endDrag(keep) {
  if (!dragged) return;
  const { name, pose } = dragged;
  dragged = null;
  root.classList.remove("vu-dragging");
  if (samePose(pose, history.present)) return;
  if (keep) commit(pose, titles[name] + " moved");
  else show(history.present);
}

svg.addEventListener("pointerup", (event) => dragged && event.pointerId === dragged.pointer && endDrag(true));
svg.addEventListener("pointercancel", () => endDrag(false));
svg.addEventListener("lostpointercapture", () => endDrag(true));
svg.addEventListener("dblclick", (event) => {
  const node = event.target.closest(".vu-joint");
  if (node && chosen) toggle(chosen);
});

function toggle(name) {
  const pose = toggleJoint(history.present, name);
  commit(pose, titles[name] + (pose.joints[name].visible ? " restored" : " hidden"));
}

function nudge(name, dx, dy) {
  const { x, y } = history.present.joints[name];
  commit(moveJoint(history.present, name, x + dx, y + dy), "");
  say(jointNodes[name].getAttribute("aria-label"));
}

function press(name, on) {
  find('[data-do="' + name + '"]').setAttribute("aria-pressed", String(on));
  if (name === "bones") root.classList.toggle("vu-bare", !on);
  if (name === "photo") find(".vu-photo").hidden = !on;
}

const pressed = (name) => find('[data-do="' + name + '"]').getAttribute("aria-pressed") === "true";

const actions = {
  undo: () => { show(history.undo()); say("Undone"); },
  redo: () => { show(history.redo()); say("Done again"); },
  reset: () => commit(detected, "Back to the pose of the photo"),
  mirror: () => commit(mirrorPose(history.present), "Mirrored"),
  hide: () => toggle(chosen),
  bones: () => press("bones", !pressed("bones")),
  photo: () => press("photo", !pressed("photo")),
};

find(".vu-bar").addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button && !button.disabled) actions[button.dataset.do]();
});

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LETTERS = { h: "hide", s: "bones", p: "photo" };

element.addEventListener("keydown", (event) => {
  if (!history) return;
  const key = event.key.toLowerCase();
  if (event.key === "Escape" && dragged) endDrag(false);
  else if ((event.ctrlKey || event.metaKey) && key === "z") actions[event.shiftKey ? "redo" : "undo"]();
  else if (event.ctrlKey || event.metaKey || event.altKey) return;
  else if (ARROWS[event.key] && event.target.dataset.joint) {
    const step = event.shiftKey ? BIG_STEP : STEP, [dx, dy] = ARROWS[event.key];
    nudge(event.target.dataset.joint, dx * step, dy * step);
  } else if ((key === "delete" || key === "backspace") && event.target.dataset.joint) toggle(event.target.dataset.joint);
  else if (LETTERS[key] && !find('[data-do="' + LETTERS[key] + '"]').disabled) actions[LETTERS[key]]();
  else return;
  event.preventDefault();
});

element.addEventListener("focusin", (event) => {
  if (event.target.dataset.joint && !dragged) choose(event.target.dataset.joint);
});

watch("value", receivePose);
receivePose();
drawBar();
