// The skeleton editor: its state, its link to the server, its buttons and keys. In scope: all files before it (component.py),
// and Gradio's trigger, watch and server.

// The menu of rare tools closes as menus do.
document.addEventListener("pointerdown", ({ target }) => {
  if (!find(".vu-more").contains(target)) find(".vu-more").open = false;
});
find(".vu-more").addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  find(".vu-more").open = false;
  find(".vu-more summary").focus();
});

const STEP = 0.005, BIG_STEP = 0.025; // of the frame, for arrow keys

let history = null; // of poses; null until there is one
let detected = null; // the pose that Reset goes back to
let placing = false; // whether a skeleton is being placed on a photo: its joints lie where they lie
let scenic = false; // whether there is a photo to stand in
let look = null; // the token of the look that is worn

function draw(pose) {
  root.classList.add("vu-ready");
  drawMoving(pose);
  for (const name of names) drawLabel(name, pose.joints[name]);
  drawHidden(pose, toggle);
  drawBar();
}

function drawBar() {
  const tool = (name) => find('[data-do="' + name + '"]');
  tool("undo").disabled = !history || !history.past.length;
  tool("redo").disabled = !history || !history.future.length;
  tool("reset").disabled = !history || !detected || samePose(history.present, detected);
  for (const name of ["mirror", "swap", "all"]) tool(name).disabled = !history;
  tool("copy").disabled = !history;
  turnSlider.disabled = !history;
  tool("all").textContent = t(selection.size === names.length ? "all.none" : "all");
  tool("hide").disabled = !chosen;
  tool("hide").textContent = t(chosen && !history.present.joints[chosen].visible ? "hide.restore" : "hide");
  const photo = Boolean(find(".vu-photo").getAttribute("src"));
  for (const name of ["photo", "compare"]) find('[value="' + name + '"]').disabled = !photo;
  tool("peek").disabled = !photo;
  tool("scene").disabled = !scenic;
}

if (window.storageBlocked) say(t("library.blocked"));

// --- live rendering --------------------------------------------------------------------------------------------------

const live = new LiveLink(
  (pose, seq, fine, rest) => {
    root.dataset.sent = seq;
    const token = look;
    const silent = () => say(t("server.silent"), true);
    const told = (answer) => (answer ? answered(answer, token) : silent()); // Gradio says nothing where the line is cut
    server.render({ token, pose, seq, fine, rest, scene: switched("scene"), language: LANGUAGE }).then(told, silent);
  },
  (src, seq, fine) => {
    find(".vu-picture").src = src;
    root.dataset.painted = seq;
    root.dataset.fine = fine ? seq : "";
    markAstray();
  },
  { resting: () => !grip && !played }
);

// At rest, where the visitor asks for it: joints that the person does not follow are marked. A new pose takes marks away.
let asked = 0; // of the checks; an answer to an earlier one is late

function markAstray() {
  const mine = ++asked, token = look, pose = history && history.present;
  mark([]);
  if (!pose || !switched("follow") || grip || played) return;
  setTimeout(async () => {
    if (mine !== asked) return;
    const answer = await server.astray({ token, pose }).catch(() => null);
    if (mine === asked && answer && answer.astray) mark(answer.astray);
  }, 300);
}

function mark(astray) {
  for (const name of names) jointNodes[name].classList.toggle("vu-astray", astray.includes(name));
  if (astray.length) say(t("follow.astray", astray.map((name) => titles[name]).join(", ")));
}

function answered(answer, token) {
  if (answer.error || answer.busy) say(answer.error || answer.busy, true);
  else if (answer.src && status.classList.contains("vu-bad")) say(""); // what was wrong is over
  if (answer.lost && token === look) forgetLook();
  root.dataset.finer = String(Boolean(answer.finer));
  live.receive(answer);
}

// The server dropped the look: the session still has it, and a new token comes by the feed.
function forgetLook() {
  look = null;
  say(t("server.forgot"), true);
  trigger("look_lost");
}

function ask(pose) {
  if (look) live.request(pose);
}

// The feed beside this component carries the server's wishes; the motion strip plays poses here, which are no history.
const stage = element.closest(".vu-stage") || element;

stage.addEventListener("vu-feed", ({ detail }) => {
  if (detail.download) return save(detail);
  if (detail.copy) return copyLink(detail);
  look = detail.wear;
  if (detail.scene === false && scenic) {
    scenic = false; // the server started anew: the photo is gone
    setSwitch("scene", false);
    drawBar();
  }
  if (history) ask((grip && grip.pose) || played || history.present);
});

stage.addEventListener("vu-pick", ({ detail: { title, pose } }) => {
  stage.dispatchEvent(new CustomEvent("vu-grab")); // a motion that plays ends here
  if (history) commit(ownProportions(pose), title);
});

stage.addEventListener("vu-ask", ({ detail }) => detail.answer(detail.own && detected ? detected : history && history.present));

let played = null; // the pose that the strip showed last

stage.addEventListener("vu-show", ({ detail: { pose, done } }) => {
  if (!history || grip) return;
  played = pose || played;
  if (done) return played && commit(played, ""), (played = null);
  drawMoving(played);
  if (!live.slow) ask(played);
});

// Whatever else the visitor takes hold of stops a motion, at the pose that is seen.
const HOLDS = ".vu-bar, .vu-hidden, .vu-numbers, .vu-joint, .vu-handle";
for (const kind of ["click", "change", "keydown"]) {
  const grab = () => stage.dispatchEvent(new CustomEvent("vu-grab"));
  element.addEventListener(kind, (event) => played && event.target.closest(HOLDS) && grab(), true);
}

// The picture on the stage for another program. Browsers take only PNG.
async function copyPicture() {
  const picture = find(".vu-picture"), sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [picture.naturalWidth, picture.naturalHeight];
  sheet.getContext("2d").drawImage(picture, 0, 0);
  const png = new Promise((done) => sheet.toBlob(done, "image/png"));
  const copied = () => say(t("copy.done")), refused = () => say(t("copy.refused"), true);
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": png })]).then(copied, refused);
  } catch {
    refused(); // no clipboard: an old browser, or a page without https
  }
}

function copyLink({ copy, outfit }) {
  const link = location.origin + location.pathname + "#" + copy;
  const copied = () => say(t(outfit ? "link.copied" : "link.pose")), refused = () => window.prompt(t("link.here"), link);
  navigator.clipboard ? navigator.clipboard.writeText(link).then(copied, refused) : refused();
}

function save({ download, src }) {
  const link = document.createElement("a");
  Object.assign(link, { download, href: src });
  link.click();
  say(t("saved", download));
}

// Python is told at the end of a gesture only: during a drag the answers come past Gradio.
function show(pose, remembered = true) {
  draw(pose);
  if (remembered) rememberPose(pose);
  props.value = { pose, own: true };
  ask(pose);
}

function commit(pose, text) {
  history.push(pose);
  show(pose);
  say(text);
}

// Somebody else's pose, on this body where the visitor wants that.
function ownProportions(pose) {
  if (!detected || !switched("proportions")) return pose;
  return { ...pose, joints: retargeted(pose.joints, detected.joints) };
}

// A pose from Python: {pose}, and with a new person {photo, look, placing}.
function receivePose() {
  const value = props.value;
  if (!value || !value.pose || value.own) return;
  stage.dispatchEvent(new CustomEvent("vu-grab"));
  endDrag(false); // a gesture on the person before must not be committed to this one
  const pose = value.photo === undefined ? ownProportions(value.pose) : value.pose;
  if (history && value.photo === undefined) history.push(pose);
  else history = new History(pose); // of a new person nothing has been done yet
  if (value.photo !== undefined) {
    detected = pose;
    look = value.look;
    scenic = Boolean(value.scene);
    placing = Boolean(value.placing);
    setSwitch("scene", false);
    find(".vu-photo").src = value.photo;
    setBackdrop(value.placing ? "photo" : "render");
  }
  chosen = null;
  selection = new Set();
  const kept = value.restored && rememberedPose();
  if (kept) history.push(kept);
  show(history.present, !value.linked); // a visit by somebody's link does not take the place of one's own work
  if (value.restored && !kept) greet(history.present);
}

// --- buttons, numbers, keys ------------------------------------------------------------------------------------------

const switched = (name) => find('[data-do="' + name + '"]').getAttribute("aria-pressed") === "true";

function toggle(name) {
  const pose = toggleJoint(history.present, name);
  commit(pose, t(pose.joints[name].visible ? "joint.restored" : "joint.hid", titles[name]));
}

function nudge(name, by) {
  const from = history.present, group = selection.size > 1 && selection.has(name) ? [...selection] : null;
  if (group) return commit(shiftJoints(from, group, bounded(from, group, by)), t("joints.moved", group.length));
  commit(dragJoint(from, name, plus(from.joints[name], by), rig, modes()), "");
  say(jointNodes[name].getAttribute("aria-label"));
}

function nudgeBody(handle, by) {
  const from = history.present, amount = by.x - by.y; // right and up: more
  const change = { move: { by: bounded(from, names, by) }, turn: { angle: 4 * amount }, scale: { scale: 1 + 2 * amount } };
  commit(transformBody(from, change[handle]), t("body." + handle + ".done"));
}

function setSwitch(name, on) {
  find('[data-do="' + name + '"]').setAttribute("aria-pressed", String(on));
}

function flip(name) {
  const on = !switched(name);
  setSwitch(name, on);
  if (name === "bones") root.classList.toggle("vu-bare", !on);
  return on;
}

function selectAll() {
  const every = selection.size < names.length;
  selection = new Set(every ? names : []);
  chosen = every ? chosen || "cnose" : null;
  draw(history.present);
  say(t(every ? "all.done" : "all.undone"));
}

const actions = {
  undo: () => { show(history.undo()); say(t("undo.done")); },
  redo: () => { show(history.redo()); say(t("redo.done")); },
  reset: () => commit(detected, t("reset.done")),
  mirror: () => commit(mirrorPose(history.present), t("mirror.done")),
  swap: () => commit(swapSides(history.present), t("swap.done")),
  all: selectAll,
  hide: () => toggle(chosen),
  bones: () => flip("bones"),
  fit: () => say(t(flip("fit") ? "fit.on" : "fit.off")),
  copy: copyPicture,
  follow: () => { say(t(flip("follow") ? "follow.on" : "follow.off")); markAstray(); },
  scene: () => { say(t(flip("scene") ? "scene.on" : "scene.off")); ask(history.present); },
  peek: () => {},
  proportions: () => say(t(flip("proportions") ? "proportions.on" : "proportions.off")),
  lock: () => say(t(flip("lock") ? "lock.on" : "lock.off")),
  symmetric: () => say(t(flip("symmetric") ? "symmetric.on" : "symmetric.off")),
  photo: () => setBackdrop(find(".vu-backdrop").value === "photo" ? "render" : "photo"),
};

find(".vu-bar").addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-do]");
  if (pressed && !pressed.disabled) actions[pressed.dataset.do]();
  if (pressed && pressed.closest(".vu-menu")) find(".vu-more").open = false;
});

find(".vu-numbers").addEventListener("change", ({ target }) => {
  const value = Number(target.value) / 100, joint = history.present.joints[chosen];
  if (target.value === "" || !Number.isFinite(value)) return drawNumbers(history.present);
  const at = { x: joint.x, y: joint.y, [target.dataset.axis]: value };
  commit(moveJoint(history.present, chosen, at.x, at.y), t("joint.moved", titles[chosen])); // exact: limbs may stretch
});

// A limb that crosses the body lies in front of it or behind; the same button again leaves it to the model.
function setDepth(value) {
  const limb = chosen && limbOf(chosen), pose = history && history.present;
  if (!limb) return say(t("depth.none"));
  const again = pose.depth && pose.depth[limb] === value;
  commit(withDepth(pose, limb, again ? null : value), t(again ? "depth.free" : "depth." + value, t("limb." + limb)));
}

find(".vu-depth").addEventListener("click", ({ target }) => {
  const pressed = target.closest("[data-depth]");
  if (pressed) setDepth(pressed.dataset.depth);
});

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LETTERS = { h: "hide", s: "bones", l: "lock", y: "symmetric" };

// Space or Enter on a joint gathers it, or lets it go: what Shift and a click do.
function gather(event) {
  const name = event.target.dataset.joint;
  if (name) select(name);
  return Boolean(name);
}

function arrow(event) {
  const step = event.shiftKey ? BIG_STEP : STEP, [x, y] = ARROWS[event.key], by = { x: x * step, y: y * step };
  const { joint, handle } = event.target.dataset;
  if (joint) nudge(joint, by);
  else if (handle) nudgeBody(handle, by);
  return joint || handle;
}

function letter(key) {
  if (key === "f" || key === "b") return setDepth({ f: "front", b: "behind" }[key]), true;
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
  else if (key === " " || key === "enter") used = gather(event);
  else if ((key === "delete" || key === "backspace") && event.target.dataset.joint) toggle(event.target.dataset.joint);
  else used = letter(key);
  if (used) event.preventDefault();
});

element.addEventListener("focusin", (event) => {
  if (event.target.dataset.joint && !pressing) choose(event.target.dataset.joint);
});

drawIcons(element);
watch("value", receivePose);
receivePose();
drawBar();
