// The webcam's pose drives the stage. In scope: the files of component.py; from Gradio element, server, trigger.
// The video stays here: only joints go to the server, by the path of a drag.

const find = (selector) => element.querySelector(selector);
const tool = (name) => find('[data-do="' + name + '"]');
const stage = () => (element.closest(".gradio-container") || document).querySelector(".vu-stage");
const HOME = new URL("vunet-mirror/", document.baseURI).href;
const VISIBLE = 0.5; // of a landmark
const TOGETHER = 0.12; // of the picture's width: two people as close as that are one

let stream = null; // of the camera
let body = null; // the joints whose proportions are kept
let begun = null; // where the visitor's hips were first
let smoother = new Smoother();
let film = null; // the last one that was recorded
const recorder = new Recorder(() => stage().querySelector(".vu-picture"));

function say(text) {
  find(".vu-told").textContent = text;
}

// The estimator is loaded when it is first needed, from this server and nowhere else.
let loading = null;
const estimator = () => (loading = loading || load().catch((error) => ((loading = null), Promise.reject(error))));

async function load() {
  const { PoseLandmarker } = await import(HOME + "vision_bundle.mjs");
  const files = { wasmLoaderPath: HOME + "vision_wasm_internal.js", wasmBinaryPath: HOME + "vision_wasm_internal.wasm" };
  const model = { modelAssetPath: HOME + "pose_landmarker_full.task", delegate: "CPU" };
  return PoseLandmarker.createFromOptions(files, { baseOptions: model, runningMode: "VIDEO", numPoses: 2 });
}

const REFUSALS = { NotAllowedError: "mirror.refused", NotFoundError: "mirror.none", NotReadableError: "mirror.busy" };

async function start() {
  const shown = poseOnStage();
  if (!shown) return say(t("mirror.nobody.stage"));
  if (!navigator.mediaDevices) return say(t("mirror.insecure"));
  stage().dispatchEvent(new CustomEvent("vu-grab")); // a greeting or a motion that plays ends here
  body = shown.joints;
  begun = null;
  smoother = new Smoother();
  say(t("mirror.loading"));
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: 640 }, audio: false });
  } catch (error) {
    return say(t(REFUSALS[error.name] || "mirror.none"));
  }
  stream.getVideoTracks()[0].addEventListener("ended", () => stop("mirror.unplugged"));
  const video = find("video");
  video.srcObject = stream;
  try {
    const [landmarker] = await Promise.all([estimator(), video.play()]);
    show(true);
    say(t("mirror.running"));
    follow(landmarker, video, stream);
  } catch {
    stop("mirror.failed");
  }
}

function show(on) {
  tool("mirror").setAttribute("aria-pressed", String(on));
  tool("mirror").textContent = t(on ? "mirror.stop" : "mirror.start");
  for (const name of ["record", "preview"]) tool(name).disabled = !on;
  find(".vu-view").hidden = !on || tool("preview").getAttribute("aria-pressed") !== "true";
  element.dataset.running = String(on);
}

function stop(word = "mirror.stopped") {
  recorder.stop();
  if (stream) for (const track of stream.getTracks()) track.stop();
  stream = find("video").srcObject = null;
  show(false);
  say(t(word));
  stage().dispatchEvent(new CustomEvent("vu-show", { detail: { pose: null, done: true } }));
}

// One picture after the other, as fast as they can be read; none while the tab is hidden.
const PATIENCE = 400; // milliseconds
let asked = 0; // when a pose was read last
// Whether the stage has not yet shown what it asked for.
const waiting = () => {
  const { sent, painted } = stage().querySelector(".vu-editor").dataset;
  return sent !== painted;
};

function follow(landmarker, video, mine) {
  let last = -1;
  const step = () => {
    if (stream !== mine) return;
    const busy = waiting() && performance.now() - asked < PATIENCE; // estimator, browser and server may share two cores
    if (!busy && !document.hidden && video.currentTime !== last && video.readyState >= 2) {
      last = video.currentTime;
      const now = (asked = performance.now());
      see(landmarker.detectForVideo(video, now).landmarks, video, now / 1000);
    }
    setTimeout(() => requestAnimationFrame(step)); // the stage is painted in between
  };
  step();
}

function see(people, video, now) {
  const apart = people.length > 1 && Math.abs(people[0][0].x - people[1][0].x) > TOGETHER;
  const joints = people.length ? jointsOf(largest(people), video) : null;
  if (!joints) return say(t(people.length ? "mirror.half" : "mirror.nobody")), drawPreview(null);
  say(t(apart ? "mirror.two" : "mirror.running"));
  const smooth = smoother.pose(joints, now), seen = mirrorPose({ joints: smooth });
  drawPreview(smooth, video);
  begun = begun || between(seen.joints.lhip, seen.joints.rhip);
  const pose = { joints: retargeted(seen.joints, body, begun) };
  element.dataset.seen = String(1 + Number(element.dataset.seen || 0));
  recorder.keep(pose);
  stage().dispatchEvent(new CustomEvent("vu-show", { detail: { pose, done: false, at: 1000 * now } }));
}

const heightOf = (marks) => Math.max(...marks.map((m) => m.y)) - Math.min(...marks.map((m) => m.y));
const largest = (people) => people.reduce((a, b) => (heightOf(b) > heightOf(a) ? b : a));

// In a square frame as high as the picture. Null where shoulders or hips are out of view.
function jointsOf(marks, { videoWidth, videoHeight }) {
  const joints = {}, wide = videoWidth / videoHeight;
  for (const [name, i] of Object.entries(MARKS)) {
    const { x, y, visibility } = marks[i], inside = x >= 0 && x <= 1 && y >= 0 && y <= 1;
    joints[name] = { x: 0.5 + (x - 0.5) * wide, y, visible: inside && visibility >= VISIBLE };
  }
  const trunk = ["lshoulder", "rshoulder", "lhip", "rhip"];
  return trunk.every((name) => joints[name].visible) ? joints : null;
}

function drawPreview(joints, video) {
  const sheet = find("svg");
  sheet.replaceChildren();
  if (!joints || find(".vu-view").hidden) return;
  const wide = video.videoWidth / video.videoHeight, across = (x) => 100 - (50 + ((x - 0.5) * 100) / wide);
  for (const [a, b, colour] of LIMBS) {
    const p = pointOf({ joints }, a), q = pointOf({ joints }, b);
    if (p.visible && q.visible) {
      svgNode("line", sheet, { x1: across(p.x), y1: 100 * p.y, x2: across(q.x), y2: 100 * q.y, stroke: colour });
    }
  }
}

function poseOnStage() {
  let pose = null;
  stage().dispatchEvent(new CustomEvent("vu-ask", { detail: { answer: (p) => (pose = p) } }));
  return pose;
}

// --- recording ---------------------------------------------------------------------------------------------------------

async function record() {
  if (recorder.running) return recorder.stop();
  const count = find(".vu-count");
  count.hidden = false;
  for (const number of [3, 2, 1]) {
    count.textContent = number;
    await new Promise((done) => setTimeout(done, 1000));
  }
  count.hidden = true;
  if (!stream) return;
  recorder.start(recorded);
  tool("record").textContent = t("mirror.record.stop");
  say(t("mirror.recording"));
}

function recorded(blob) {
  film = blob;
  tool("record").textContent = t("mirror.record");
  for (const name of ["save", "strip"]) tool(name).disabled = false;
  say(t("mirror.recorded", recorder.seconds.toFixed(1)));
}

function saveFilm() {
  const link = document.createElement("a");
  Object.assign(link, { download: "mirror.webm", href: URL.createObjectURL(film) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

const actions = {
  mirror: () => (stream ? stop() : start()),
  record,
  preview: () => {
    const on = tool("preview").getAttribute("aria-pressed") !== "true";
    tool("preview").setAttribute("aria-pressed", String(on));
    find(".vu-view").hidden = !on;
  },
  save: saveFilm,
  strip: () => document.dispatchEvent(new CustomEvent("vu-keys", { detail: recorder.keys(MOST) })),
};

find(".vu-tools").addEventListener("click", ({ target }) => {
  const pressed = target.closest("[data-do]");
  if (pressed && !pressed.disabled) actions[pressed.dataset.do]();
});
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest && event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key !== "m" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (element.isConnected && element.offsetParent) actions.mirror();
});
translate(element);
