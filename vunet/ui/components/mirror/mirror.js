// The webcam's pose drives the stage. The video stays here: only joints go to the server, by the path of a drag.

import { mirrorPose } from "../browser/geometry.js";
import { Panel } from "../browser/panel.js";
import { between, retargeted, torsoOf } from "../browser/retarget.js";
import { poseOnStage, stageOf, tellStage } from "../browser/stage_link.js";
import { LANGUAGE, t, translate } from "../browser/words.js";
import { estimator, jointsOf, largest } from "./estimator.js";
import { FilmReader } from "./film_reader.js";
import { Preview } from "./preview.js";
import { Recorder } from "./recorder.js";
import { Smoother } from "./smooth.js";

const FORGETS = 0.995; // of the longest torso, from picture to picture
const TOGETHER = 0.12; // of the picture's width: two people as close as that are one
const PATIENCE = 400; // milliseconds that a picture is waited for before the next pose is read
const REFUSALS = { NotAllowedError: "mirror.refused", NotFoundError: "mirror.none", NotReadableError: "mirror.busy" };

export const start = (gradio, { film }) => new Mirror(gradio, film);

class Mirror extends Panel {
  // limits: of films.
  constructor({ element, server }, limits) {
    super(element);
    this.server = server;
    this.stream = null; // of the camera
    this.body = null; // the joints whose proportions are kept
    this.recorded = null; // the last film of the stage
    this.asked = 0; // when a pose was read last
    this.reset();
    this.preview = new Preview(element);
    this.recorder = new Recorder(() => stageOf(element).querySelector(".vu-picture"));
    this.films = new FilmReader(this.preview, this.tool("film"), {
      limits,
      say: (text) => this.say(text),
      takeOver: () => this.stream && this.stop(),
      body: () => poseOnStage(element, true),
      toStrip: (poses, pose) => this.toStrip(poses, pose),
    });
    this.listen();
    translate(element);
    this.find(".vu-mirror").dataset.ready = "";
  }
  say(text) {
    this.find(".vu-told").textContent = text;
  }
  listen() {
    const actions = {
      mirror: () => (this.stream ? this.stop() : this.start()),
      record: () => this.record(),
      preview: () => this.flipPreview(),
      save: () => this.save(),
      strip: () => this.toStrip(this.recorder.poses, null),
      film: () => (this.films.reading ? this.films.end() : this.find("input").click()),
    };
    this.onPress(actions);
    this.find("input").addEventListener("change", ({ target }) => {
      if (target.files.length) this.films.open(target.files[0]);
      target.value = "";
    });
    this.element.addEventListener("vu-film-file", ({ detail }) => this.films.open(detail)); // one that was dropped on the page
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest && event.target.closest("input, select, textarea, [contenteditable]");
      if (event.key !== "m" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (this.element.isConnected && this.element.offsetParent) actions.mirror();
    });
  }

  // --- the camera -----------------------------------------------------------------------------------------------------

  reset() {
    this.begun = null; // where the visitor's hips were first
    this.upright = 0; // how long the visitor's torso is when they stand: who bows looks short for a moment
    this.smoother = new Smoother();
  }
  async start() {
    await this.films.drop();
    const shown = poseOnStage(this.element, true); // whose proportions are kept
    if (!shown) return this.say(t("mirror.nobody.stage"));
    if (!navigator.mediaDevices) return this.say(t("mirror.insecure"));
    tellStage(this.element, "grab"); // a greeting or a motion that plays ends here
    this.body = shown.joints;
    this.reset();
    this.say(t("mirror.loading"));
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: 640 }, audio: false });
    } catch (error) {
      return this.say(t(REFUSALS[error.name] || "mirror.none"));
    }
    if (this.films.reading) return this.stop(); // a film was given meanwhile
    this.stream.getVideoTracks()[0].addEventListener("ended", () => this.stop("mirror.unplugged"));
    await this.run(this.preview.camera);
  }
  async run(video) {
    video.srcObject = this.stream;
    try {
      const [landmarker] = await Promise.all([estimator(), video.play()]);
      this.show(true);
      this.say(t("mirror.running"));
      this.follow(landmarker, video, this.stream);
    } catch {
      this.stop("mirror.failed");
    }
  }
  stop(word = "mirror.stopped") {
    this.recorder.stop();
    if (this.stream) for (const track of this.stream.getTracks()) track.stop();
    this.stream = this.preview.camera.srcObject = null;
    this.show(false);
    this.say(t(word));
    tellStage(this.element, "show", { pose: null, done: true });
  }
  show(on) {
    this.tool("mirror").setAttribute("aria-pressed", String(on));
    this.tool("mirror").textContent = t(on ? "mirror.stop" : "mirror.start");
    for (const name of ["record", "preview"]) this.tool(name).disabled = !on;
    this.preview.showCamera(on && this.tool("preview").getAttribute("aria-pressed") === "true");
    this.element.dataset.running = String(on);
  }
  flipPreview() {
    const on = this.tool("preview").getAttribute("aria-pressed") !== "true";
    this.tool("preview").setAttribute("aria-pressed", String(on));
    this.preview.showCamera(on);
  }
  // One picture after the other, as fast as they can be read; none while the tab is hidden.
  follow(landmarker, video, mine) {
    let last = -1;
    const step = () => {
      if (this.stream !== mine) return;
      if (!this.busy && !document.hidden && video.currentTime !== last && video.readyState >= 2) {
        last = video.currentTime;
        const now = (this.asked = performance.now());
        this.see(landmarker.detectForVideo(video, now).landmarks, video, now / 1000);
      }
      setTimeout(() => requestAnimationFrame(step)); // the stage is painted in between
    };
    step();
  }
  // Whether the stage has not yet shown what it asked for: estimator, browser and server may share two cores.
  get busy() {
    const { sent, painted } = stageOf(this.element).querySelector(".vu-editor").dataset;
    return sent !== painted && performance.now() - this.asked < PATIENCE;
  }
  see(people, video, now) {
    const apart = people.length > 1 && Math.abs(people[0][0].x - people[1][0].x) > TOGETHER;
    const joints = people.length ? jointsOf(largest(people), video) : null;
    if (!joints) return this.say(t(people.length ? "mirror.half" : "mirror.nobody")), this.preview.draw([]);
    this.say(t(apart ? "mirror.two" : "mirror.running"));
    const smooth = this.smoother.pose(joints, now), seen = mirrorPose({ joints: smooth });
    this.preview.draw([smooth], video);
    this.begun = this.begun || between(seen.joints.lhip, seen.joints.rhip);
    this.upright = Math.max(FORGETS * this.upright, torsoOf(seen.joints));
    const pose = { joints: retargeted(seen.joints, this.body, this.begun, this.upright) };
    this.element.dataset.seen = String(1 + Number(this.element.dataset.seen || 0));
    this.recorder.keep(pose);
    tellStage(this.element, "show", { pose, done: false, at: 1000 * now });
  }

  // --- recording ------------------------------------------------------------------------------------------------------

  async record() {
    if (this.recorder.running) return this.recorder.stop();
    await this.countDown();
    if (!this.stream) return;
    this.recorder.start((blob) => this.keep(blob));
    this.tool("record").textContent = t("mirror.record.stop");
    this.say(t("mirror.recording"));
  }
  async countDown() {
    const count = this.find(".vu-count");
    count.hidden = false;
    for (const number of [3, 2, 1]) {
      count.textContent = number;
      await new Promise((done) => setTimeout(done, 1000));
    }
    count.hidden = true;
  }
  keep(blob) {
    this.recorded = blob;
    this.tool("record").textContent = t("mirror.record");
    for (const name of ["save", "strip"]) this.tool(name).disabled = false;
    this.say(t("mirror.recorded", this.recorder.seconds.toFixed(1)));
  }
  save() {
    const link = document.createElement("a");
    Object.assign(link, { download: "mirror.webm", href: URL.createObjectURL(this.recorded) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }
  // Key poses are found by the server: where the way between two strays most from what was seen, another one is put.
  async toStrip({ times, joints }, pose) {
    const answer = await this.server.film_keys({ times, joints, pose, language: LANGUAGE }).catch(() => null);
    if (!answer || answer.error) return this.say(answer ? answer.error : t("motion.silent")), false;
    document.dispatchEvent(new CustomEvent("vu-keys", { detail: answer }));
    return true;
  }
}
