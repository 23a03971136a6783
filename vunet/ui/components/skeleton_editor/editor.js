// The skeleton editor: the pose on the stage, how it changes, and its link to the server.

import { History, toggleJoint } from "../browser/geometry.js";
import { drawIcons } from "../browser/icons.js";
import { retargeted } from "../browser/retarget.js";
import { LANGUAGE, t } from "../browser/words.js";
import { Backdrop } from "./backdrop.js";
import { Gestures } from "./gestures.js";
import { greet } from "./greeting.js";
import { LiveLink } from "./live_link.js";
import { rememberPose, rememberedPose } from "./memory.js";
import { copyLink, save } from "./saving.js";
import { Tools } from "./tools.js";
import { Turning } from "./turning.js";
import { View } from "./view.js";
import { Zoom } from "./zoom.js";

const SETTLED = 300; // milliseconds of rest before joints that are not followed are looked for
const HOLDS = ".vu-bar, .vu-hidden, .vu-numbers, .vu-joint, .vu-handle"; // what stops a motion, at the pose that is seen

export const start = (gradio) => new Editor(gradio);

class Editor {
  constructor({ element, props, server, trigger, watch }) {
    Object.assign(this, { element, props, server, trigger, rig: props.skeleton });
    this.stage = element.closest(".vu-stage") || element;
    this.history = null; // of poses; null until there is one
    this.detected = null; // the pose that Reset goes back to
    this.placing = false; // whether a skeleton is being placed on a photo: its joints lie where they lie
    this.scenic = false; // whether there is a photo to stand in
    this.look = null; // the token of the look that is worn
    this.played = null; // the pose that a motion showed last
    this.checks = 0; // of joints that are not followed; an answer to an earlier one is late
    this.view = new View(element, props.skeleton, server);
    this.say = (text, bad) => this.view.say(text, bad);
    this.backdrop = new Backdrop(this.view);
    this.zoom = new Zoom(this.view, {
      pinching: () => this.gestures.end(false),
      zoomed: () => this.backdrop.wipe(this.zoom.place),
    });
    this.live = this.liveLink();
    this.gestures = new Gestures(this);
    this.turning = new Turning(this);
    this.tools = new Tools(this);
    this.listen();
    drawIcons(element);
    if (window.storageBlocked) this.say(t("library.blocked"));
    watch("value", () => this.receive());
    this.receive();
    this.tools.draw();
    this.stage.dataset.ready = "";
    this.stage.dispatchEvent(new CustomEvent("vu-ready"));
  }
  get pose() {
    return this.history && this.history.present;
  }
  // How a dragged joint takes others along.
  get modes() {
    const on = (name) => this.tools.isOn(name);
    return { locked: on("lock"), symmetric: on("symmetric"), fit: on("fit") && !this.placing };
  }

  // --- the pose -------------------------------------------------------------------------------------------------------

  draw(pose) {
    this.view.drawResting(pose, (name) => this.toggle(name));
    this.tools.draw();
  }
  // Python is told at the end of a gesture only: during a drag the answers come past Gradio.
  show(pose, remembered = true) {
    this.draw(pose);
    if (remembered) rememberPose(pose);
    this.props.value = { pose, own: true };
    this.ask(pose);
  }
  commit(pose, text) {
    this.history.push(pose);
    this.show(pose);
    this.say(text);
  }
  toggle(name) {
    const pose = toggleJoint(this.pose, name);
    this.commit(pose, t(pose.joints[name].visible ? "joint.restored" : "joint.hid", this.view.titles[name]));
  }
  choose(name) {
    this.view.choose(name);
    if (this.history) this.draw(this.pose);
  }
  select(name) {
    this.view.select(name);
    this.draw(this.pose);
  }
  // Somebody else's pose, on this body where the visitor wants that.
  ownProportions(pose) {
    if (!this.detected || !this.tools.isOn("proportions")) return pose;
    return { ...pose, joints: retargeted(pose.joints, this.detected.joints) };
  }
  // A pose from Python: {pose}, and with a new person {photo, look, placing, scene}.
  receive() {
    const value = this.props.value;
    if (!value || !value.pose || value.own) return;
    this.grab();
    this.gestures.end(false); // a gesture on the person before must not be committed to this one
    const arrived = value.photo !== undefined, pose = arrived ? value.pose : this.ownProportions(value.pose);
    if (this.history && !arrived) this.history.push(pose);
    else this.history = new History(pose); // of a new person nothing has been done yet
    if (arrived) this.meet(value);
    this.view.selectOnly([]);
    const kept = value.restored && rememberedPose(this.view.names);
    if (kept) this.history.push(kept);
    this.show(this.pose, !value.linked); // a visit by somebody's link does not take the place of one's own work
    if (value.restored && !kept) greet(this, this.pose);
  }
  meet({ pose, photo, look, scene, placing }) {
    Object.assign(this, { detected: pose, look, scenic: Boolean(scene), placing: Boolean(placing) });
    this.tools.set("scene", false);
    this.view.find(".vu-photo").src = photo;
    this.backdrop.set(placing ? "photo" : "render");
  }

  // --- live rendering -------------------------------------------------------------------------------------------------

  liveLink() {
    const { root, find } = this.view;
    const send = (pose, seq, fine, rest) => {
      root.dataset.sent = seq;
      const token = this.look, scene = this.tools.isOn("scene"), silent = () => this.say(t("server.silent"), true);
      const told = (answer) => (answer ? this.answered(answer, token) : silent()); // Gradio says nothing where the line is cut
      this.server.render({ token, pose, seq, fine, rest, scene, language: LANGUAGE }).then(told, silent);
    };
    const paint = (src, seq, fine) => {
      find(".vu-picture").src = src;
      root.dataset.painted = seq;
      root.dataset.fine = fine ? seq : "";
      this.checkAstray();
    };
    return new LiveLink(send, paint, { resting: () => !this.moving });
  }
  ask(pose) {
    if (this.look) this.live.request(pose);
  }
  answered(answer, token) {
    if (answer.error || answer.busy) this.say(answer.error || answer.busy, true);
    else if (answer.src && this.view.complains) this.say(""); // what was wrong is over
    if (answer.lost && token === this.look) this.forgetLook();
    this.view.root.dataset.finer = String(Boolean(answer.finer));
    this.live.receive(answer);
  }
  // The server dropped the look: the session still has it, and a new token comes by the feed.
  forgetLook() {
    this.look = null;
    this.say(t("server.forgot"), true);
    this.trigger("look_lost");
  }
  // At rest, where the visitor asks for it: joints that the person does not follow are marked. A new pose takes marks away.
  checkAstray() {
    const mine = ++this.checks, token = this.look, { pose, view } = this;
    view.markAstray([]);
    if (!pose || !this.tools.isOn("follow") || this.moving) return;
    setTimeout(async () => {
      if (mine !== this.checks) return;
      const answer = await this.server.astray({ token, pose }).catch(() => null);
      if (mine !== this.checks || !answer || !answer.astray) return;
      view.markAstray(answer.astray);
      if (answer.astray.length) this.say(t("follow.astray", answer.astray.map((name) => view.titles[name]).join(", ")));
    }, SETTLED);
  }

  // --- motions, and what others of the page ask for -------------------------------------------------------------------

  // The pose under the hand, or of a motion that plays.
  get moving() {
    return (this.gestures.grip && this.gestures.grip.pose) || this.played;
  }
  play(pose) {
    this.view.drawMoving(pose);
    this.ask(pose);
  }
  endMotion() {
    if (this.played) this.commit(this.played, "");
    this.played = null;
  }
  grab() {
    this.stage.dispatchEvent(new CustomEvent("vu-grab"));
  }
  listen() {
    const on = (name, act) => this.stage.addEventListener("vu-" + name, ({ detail }) => act(detail));
    on("feed", (message) => this.hear(message));
    on("ask", ({ own, answer }) => answer(own && this.detected ? this.detected : this.pose));
    on("pick", ({ title, pose }) => {
      this.grab(); // a motion that plays ends here
      if (this.history) this.commit(this.ownProportions(pose), title);
    });
    on("show", (shown) => this.showMotion(shown));
    for (const kind of ["click", "change", "keydown"]) {
      this.element.addEventListener(kind, ({ target }) => this.played && target.closest(HOLDS) && this.grab(), true);
    }
  }
  // What the motion strip and the mirror show is no history until it is done.
  showMotion({ pose, done }) {
    if (!this.history || this.gestures.grip) return;
    this.played = pose || this.played;
    if (done) return this.endMotion();
    this.view.drawMoving(this.played);
    if (!this.live.slow) this.ask(this.played);
  }
  // The feed beside this component carries the server's wishes.
  hear(message) {
    if (message.download) return save(message, this.say);
    if (message.copy) return copyLink(message, this.say);
    this.look = message.wear;
    if (message.scene === false && this.scenic) {
      this.scenic = false; // the server started anew: the photo is gone
      this.tools.set("scene", false);
      this.tools.draw();
    }
    if (this.history) this.ask(this.moving || this.pose);
  }
}
