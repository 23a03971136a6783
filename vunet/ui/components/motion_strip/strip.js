// Key poses in a row, played on the stage.

import { LIMBS, NAMES } from "../facts.js";
import { button, thumbnail } from "../browser/drawing.js";
import { Panel } from "../browser/panel.js";
import { poseOnStage, stageOf, tellStage } from "../browser/stage_link.js";
import { LANGUAGE, t, translate } from "../browser/words.js";

const BEAT = 120; // milliseconds between two pictures of a ready-made motion
const SLOWNESS = { wave: 0.35, turn: 0.3 }; // seconds from key to key of ready-made motions, half a second of the others
const READY = ["walk", "wave", "turn"]; // those with a button

// most: keys. ready: {name: [[[x, y], ...] in the order of NAMES, ...]}
export const start = (gradio, { most, ready }) => new MotionStrip(gradio, most, ready);

class MotionStrip extends Panel {
  constructor({ element, props, server, watch }, most, ready) {
    super(element);
    Object.assign(this, { props, server, most });
    this.keys = []; // {pose, step}: how long the way to the next one takes, relative to the others
    this.seconds = 0.6; // from key to key, on average
    this.frames = []; // all poses, from the server
    this.fps = 1; // of these
    this.ticket = 0; // of the last change: an answer to an earlier one is late
    this.playing = 0; // the animation frame of a motion that plays
    translate(element);
    this.listen();
    new ReadyMotions(element, ready, (name) => this.readyMade(name));
    this.draw();
    watch("value", () => this.receive());
    this.receive();
  }
  say(text) {
    this.find(".vu-said").textContent = text;
  }
  showOnStage(pose, done) {
    tellStage(this.element, "show", { pose, done });
  }
  listen() {
    const actions = {
      play: () => (this.playing ? this.stop() : this.play()),
      add: () => this.add(),
      clear: () => this.change([]),
      ...Object.fromEntries(READY.map((name) => [name, () => this.readyMade(name)])),
    };
    this.onPress(actions);
    const tempo = this.find("input");
    tempo.addEventListener("change", () => this.change(this.keys, Number(tempo.value)));
    tempo.addEventListener("input", () => (this.find("output").textContent = Number(tempo.value).toFixed(2) + " s"));
    // What the mirror recorded, or read in a film.
    document.addEventListener("vu-keys", ({ detail }) => this.element.isConnected && this.change(keysOf(detail), detail.seconds));
    stageOf(this.element)?.addEventListener("vu-grab", () => this.stop());
  }
  // A motion from Python, of a session that was opened; it may have come before this tab was.
  receive() {
    const { value } = this.props;
    if (value && value.opened) this.change(keysOf(value), value.seconds);
  }
  async change(keys, seconds = this.seconds) {
    this.stop();
    this.ticket += 1;
    Object.assign(this, { keys, seconds });
    this.props.value = this.motion;
    this.draw();
    await this.plan();
  }
  get motion() {
    return { keys: this.keys.map(({ pose }) => pose), seconds: this.seconds, steps: this.keys.map(({ step }) => step) };
  }
  add() {
    this.stop();
    const pose = poseOnStage(this.element);
    if (pose) this.change([...this.keys, { pose, step: 1 }]);
  }
  async readyMade(motion) {
    this.stop();
    const pose = poseOnStage(this.element), answer = pose && (await this.asked({ motion, pose }));
    if (!answer) return;
    await this.change(keysOf(answer), answer.seconds || SLOWNESS[motion] || 0.5);
    this.play();
  }
  // What the server answers, or null where it does not, or where it was overtaken.
  async asked(request) {
    const mine = ++this.ticket, silent = { error: t("motion.silent") };
    const answer = (await this.server.plan({ ...request, language: LANGUAGE }).catch(() => null)) || silent;
    if (mine !== this.ticket) return null;
    if (answer.error) this.say(answer.error);
    return answer.error ? null : answer;
  }
  async plan() {
    this.frames = [];
    if (this.keys.length < 2) return this.say(t("motion.more"));
    const answer = await this.asked(this.motion);
    if (!answer) return;
    ({ poses: this.frames, fps: this.fps } = answer);
    this.say(t("motion.length", this.keys.length, (this.frames.length / this.fps).toFixed(1)));
  }
  // The server may have been silent when it was asked for the poses: it is asked again.
  async play() {
    this.stop();
    if (!this.frames.length) await this.plan();
    if (!this.frames.length) return;
    const started = performance.now();
    let shown = -1;
    const step = (now) => {
      const index = Math.floor((Math.max(0, now - started) * this.fps) / 1000) % this.frames.length;
      if (index !== shown) this.showOnStage(this.frames[(shown = index)], false);
      this.mark(this.keyAt(index / this.frames.length));
      this.playing = requestAnimationFrame(step);
    };
    this.playing = requestAnimationFrame(step);
    this.tool("play").textContent = t("motion.stop");
  }
  stop() {
    if (!this.playing) return;
    cancelAnimationFrame(this.playing);
    this.playing = 0;
    this.tool("play").textContent = t("motion.play");
    this.mark(-1);
    this.showOnStage(null, true);
  }
  // The key that a motion has passed, at a share of its time.
  keyAt(share) {
    let left = share * this.keys.reduce((sum, { step }) => sum + step, 0);
    return this.keys.findIndex(({ step }) => (left -= step) < 0);
  }
  mark(now) {
    this.find(".vu-keys").querySelectorAll("li").forEach((item, i) => item.classList.toggle("vu-now", i === now));
  }
  draw() {
    this.tool("clear").disabled = !this.keys.length;
    this.tool("play").disabled = this.keys.length < 2;
    this.tool("add").disabled = this.keys.length >= this.most;
    this.find("input").value = this.seconds;
    this.find("output").textContent = this.seconds.toFixed(2) + " s";
    this.find(".vu-keys").replaceChildren(...this.keys.map(({ pose }, i) => this.keyItem(pose, i)));
  }
  keyItem(pose, i) {
    const item = document.createElement("li"), show = button(thumbnail(pose, LIMBS), t("motion.key", i + 1), () => {
      this.stop();
      this.showOnStage(pose, true);
    });
    show.className = "vu-show";
    item.append(show, this.orderButtons(i));
    return item;
  }
  orderButtons(i) {
    const { keys } = this, order = document.createElement("div");
    const swap = (j) => keys.map((key, k) => (k === i ? keys[j] : k === j ? keys[i] : key));
    const left = button("‹", t("motion.earlier", i + 1), () => this.rearrange(swap(i - 1), i - 1, 0));
    const remove = button("×", t("motion.remove", i + 1), () => this.rearrange(keys.filter((_, k) => k !== i), i, 1));
    const right = button("›", t("motion.later", i + 1), () => this.rearrange(swap(i + 1), i + 1, 2));
    left.disabled = i === 0;
    right.disabled = i === keys.length - 1;
    order.className = "vu-order";
    order.append(left, remove, right);
    return order;
  }
  // The list is drawn anew: the keyboard stays where it was.
  rearrange(keys, item, which) {
    this.change(keys);
    const items = this.find(".vu-keys").children, row = items[Math.min(item, items.length - 1)];
    (row ? row.querySelectorAll(".vu-order button")[which] : this.tool("add")).focus();
  }
}

const keysOf = (motion) => motion.keys.map((pose, i) => ({ pose, step: motion.steps?.[i] || 1 }));
const poseOf = (places) => ({ joints: Object.fromEntries(NAMES.map((name, i) => [name, { x: places[i][0], y: places[i][1], visible: true }])) });

// Ready-made motions as small figures that move while they are in view.
class ReadyMotions {
  constructor(element, motions, take) {
    this.element = element;
    this.beat = 0;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.figures = Object.entries(motions).map(([name, keys]) => this.figure(name, keys, take));
    this.timer = setInterval(() => this.animate(), BEAT);
    this.animate();
  }
  figure(name, keys, take) {
    const node = button("", t("motion.ready." + name), () => take(name));
    node.title = t("motion.ready." + name);
    this.element.querySelector(".vu-ready").append(node);
    return { node, pictures: keys.map((key) => thumbnail(poseOf(key), LIMBS)) };
  }
  animate() {
    if (!this.element.isConnected) return clearInterval(this.timer);
    if (!this.element.offsetParent || document.hidden || (this.beat && this.still.matches)) return;
    for (const { node, pictures } of this.figures) node.replaceChildren(pictures[this.beat % pictures.length]);
    this.beat += 1;
  }
}
