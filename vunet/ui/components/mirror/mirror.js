// The webcam's pose drives the stage. In scope: the files of component.py; from Gradio element, server, trigger.
// The video stays here: only joints go to the server, by the path of a drag.

const find = (selector) => element.querySelector(selector);
const tool = (name) => find('[data-do="' + name + '"]');
const stage = () => stageOf(element);
const HOME = new URL("vunet-mirror/", document.baseURI).href;
const VISIBLE = 0.5; // of a landmark
const FORGETS = 0.995; // of the longest torso, from picture to picture
const TOGETHER = 0.12; // of the picture's width: two people as close as that are one

let stream = null; // of the camera
let body = null; // the joints whose proportions are kept
let begun = null; // where the visitor's hips were first
let upright = 0; // how long the visitor's torso is when they stand: who bows looks short for a moment
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
  await endReading(reading);
  const shown = poseOnStage(element, true); // whose proportions are kept
  if (!shown) return say(t("mirror.nobody.stage"));
  if (!navigator.mediaDevices) return say(t("mirror.insecure"));
  tellStage(element, "grab"); // a greeting or a motion that plays ends here
  body = shown.joints;
  begun = null;
  upright = 0;
  smoother = new Smoother();
  say(t("mirror.loading"));
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: 640 }, audio: false });
  } catch (error) {
    return say(t(REFUSALS[error.name] || "mirror.none"));
  }
  if (reading) return stop(); // a film was given meanwhile
  stream.getVideoTracks()[0].addEventListener("ended", () => stop("mirror.unplugged"));
  const video = find(".vu-camera");
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
  stream = find(".vu-camera").srcObject = null;
  show(false);
  say(t(word));
  tellStage(element, "show", { pose: null, done: true });
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
  if (!joints) return say(t(people.length ? "mirror.half" : "mirror.nobody")), drawPreview([]);
  say(t(apart ? "mirror.two" : "mirror.running"));
  const smooth = smoother.pose(joints, now), seen = mirrorPose({ joints: smooth });
  drawPreview([smooth], video);
  begun = begun || between(seen.joints.lhip, seen.joints.rhip);
  upright = Math.max(FORGETS * upright, torsoOf(seen.joints));
  const pose = { joints: retargeted(seen.joints, body, begun, upright) };
  element.dataset.seen = String(1 + Number(element.dataset.seen || 0));
  recorder.keep(pose);
  tellStage(element, "show", { pose, done: false, at: 1000 * now });
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

// Skeletons over the camera, which is a mirror, or over a film, which is none.
function drawPreview(skeletons, video) {
  const sheet = find("svg");
  sheet.replaceChildren();
  if (find(".vu-view").hidden) return;
  for (const joints of skeletons) {
    const wide = video.videoWidth / video.videoHeight, side = (x) => 50 + ((x - 0.5) * 100) / wide;
    const across = video === find(".vu-camera") ? (x) => 100 - side(x) : side;
    for (const [a, b, colour] of LIMBS) {
      const p = pointOf({ joints }, a), q = pointOf({ joints }, b);
      if (p.visible && q.visible) {
        svgNode("line", sheet, { x1: across(p.x), y1: 100 * p.y, x2: across(q.x), y2: 100 * q.y, stroke: colour });
      }
    }
  }
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

// Key poses are found by the server: where the way between two strays most from what was seen, another one is put.
async function toStrip({ times, joints }, pose) {
  const answer = await server.film_keys({ times, joints, pose, language: LANGUAGE }).catch(() => null);
  if (!answer || answer.error) return say(answer ? answer.error : t("motion.silent")), false;
  document.dispatchEvent(new CustomEvent("vu-keys", { detail: answer }));
  return true;
}

function saveFilm() {
  const link = document.createElement("a");
  Object.assign(link, { download: "mirror.webm", href: URL.createObjectURL(film) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// --- films -------------------------------------------------------------------------------------------------------------

let reading = null; // {ended, done} of the film that is read

// One film at a time: an older one ends first, and what was read of it counts for nothing.
function readFilm(file) {
  const mine = { ended: false }, before = reading;
  reading = mine;
  mine.done = (async () => {
    await endReading(before);
    if (reading === mine) await read(file, mine);
    if (reading === mine) showFilm((reading = null));
  })();
}

async function endReading(film) {
  if (!film) return;
  film.ended = film.dropped = true;
  await film.done;
}

async function read(file, mine) {
  const body = poseOnStage(element, true), pictures = new FilmPictures(find(".vu-film"));
  if (!body) return say(t("mirror.nobody.stage"));
  if (stream) stop();
  say(t("film.loading"));
  try {
    await pictures.open(file);
  } catch {
    pictures.close(); // this browser cannot show it: perhaps the server can
    say("");
    const input = document.querySelector("input:has(+ #motion-video)"); // the upload button's own
    return document.dispatchEvent(new CustomEvent("vu-give", { detail: { file, input } }));
  }
  try {
    if (pictures.seconds > FILM.longest) return say(t("film.long", FILM.longest));
    const poses = await posesOf(pictures, await estimator(), mine);
    if (mine.dropped) return;
    if (!poses.times.length) return say(t("film.nothing"));
    if (await toStrip(poses, { joints: body.joints })) say(t(mine.ended ? "film.cut" : "film.read"));
  } catch {
    say(t("mirror.failed"));
  } finally {
    pictures.close();
  }
}

function showFilm(on) {
  find(".vu-view").hidden = find(".vu-film").hidden = !on;
  find(".vu-camera").hidden = Boolean(on);
  tool("film").textContent = t(on ? "film.stop" : "film.open");
  if (!on) drawPreview([]);
}

// All poses until the end, or until the visitor has had enough.
async function posesOf(pictures, landmarker, mine) {
  const { video } = pictures, poses = new FilmPoses(), started = performance.now();
  const peopleAt = async (seconds) => {
    await pictures.at(seconds);
    return landmarker.detectForVideo(video, performance.now()).landmarks;
  };
  showFilm(true);
  let place = await chosenPlace(await peopleAt(0), video, mine);
  for (let seconds = 0; seconds < pictures.seconds && !mine.ended; seconds += 1 / FILM.rate) {
    const people = await peopleAt(seconds), person = people.length ? nearest(people, place || middleOf(largest(people))) : null;
    const joints = person && jointsOf(person, video);
    if (joints) place = middleOf(person);
    poses.add(seconds, joints);
    drawPreview(joints ? [joints] : [], video);
    const left = ((performance.now() - started) / 1000 / (seconds || 1)) * (pictures.seconds - seconds);
    if (seconds) say(t("film.progress", Math.round(seconds), Math.round(pictures.seconds), Math.ceil(left)));
    await new Promise(requestAnimationFrame);
  }
  return poses;
}

// Where the person is who is to be followed: of several, the one that is clicked.
async function chosenPlace(people, video, mine) {
  const skeletons = people.map((marks) => jointsOf(marks, video)).filter(Boolean);
  if (people.length < 2 || skeletons.length < 2) return people.length ? middleOf(largest(people)) : null;
  drawPreview(skeletons, video);
  say(t("film.choose"));
  find(".vu-view").classList.add("vu-choosing");
  const place = await clickedPlace(find("svg"), mine);
  find(".vu-view").classList.remove("vu-choosing");
  return place;
}

function clickedPlace(sheet, mine) {
  return new Promise((done) => {
    const settle = (place) => {
      clearInterval(timer);
      sheet.removeEventListener("click", clicked);
      done(place);
    };
    const clicked = ({ clientX, clientY }) => {
      const box = sheet.getBoundingClientRect();
      settle({ x: (clientX - box.x) / box.width, y: (clientY - box.y) / box.height });
    };
    const timer = setInterval(() => mine.ended && settle(null), 200);
    sheet.addEventListener("click", clicked);
  });
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
  strip: () => toStrip(recorder.poses, null),
  film: () => (reading ? (reading.ended = true) : find("input").click()),
};

find(".vu-tools").addEventListener("click", ({ target }) => {
  const pressed = target.closest("[data-do]");
  if (pressed && !pressed.disabled) actions[pressed.dataset.do]();
});
find("input").addEventListener("change", ({ target }) => {
  if (target.files.length) readFilm(target.files[0]);
  target.value = "";
});
element.addEventListener("vu-film-file", ({ detail }) => readFilm(detail)); // one that was dropped on the page
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest && event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key !== "m" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (element.isConnected && element.offsetParent) actions.mirror();
});
translate(element);
find(".vu-mirror").dataset.ready = "";
