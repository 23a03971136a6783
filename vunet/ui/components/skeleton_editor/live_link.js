// Live pictures of a pose that moves: the newest pose wins, and the last picture always belongs to the last pose. Once the hand
// rests, the same pose is asked for again, as the finer picture that takes the server longer.
//
//   idle      nothing is asked for
//   waiting   `first` is on its way; `next` is the newest pose that has come up since
//   ahead     `second` is on its way too: it left so early that it is there when the server is done with `first`
//   paused    the server was too busy for `first`: the newest pose is sent again after a rest
//
//   idle --request--> waiting --time--> ahead --answer--> waiting --answer--> idle
//                        +--busy--> paused --time--> waiting

import { Pace } from "./link_pace.js";

export class LiveLink {
  constructor(send, paint, { timeout = 6000, rest = 800, calm = 80, resting = () => true, clock = () => performance.now() } = {}) {
    this.send = send; // (pose, seq, fine, rest): starts a request; rest: no hand moves
    this.paint = paint; // (src, seq, fine): shows a picture
    this.timeout = timeout; // milliseconds until an unanswered request is given up
    this.rest = rest; // milliseconds before a busy server is asked again
    this.calm = calm; // milliseconds of rest after which the finer picture is asked for
    this.resting = resting; // whether no hand moves the pose
    this.clock = clock;
    this.pace = new Pace();
    this.seq = 0; // of the last request
    this.answeredAt = 0; // when the server was last done with one
    this.timers = {}; // early: of sending ahead, silence: of giving up, again: of a pause, calm: of the finer picture
    this.transition("idle");
  }
  // The only place where the state changes. first, second: requests, {seq, pose, fine, sentAt}; next: a pose.
  transition(state, { first = null, second = null, next = null } = {}) {
    for (const name of ["early", "again", "calm"]) this.stop(name);
    if (first !== this.first || state === "paused") this.stop("silence");
    if (first && first !== this.first) this.start("silence", this.timeout, () => this.giveUp());
    Object.assign(this, { state, first, second, next });
  }
  start(name, milliseconds, act) {
    this.timers[name] = setTimeout(() => (this.timers[name] = null, act()), milliseconds);
  }
  stop(name) {
    clearTimeout(this.timers[name]);
    this.timers[name] = null;
  }
  request(pose, fine = this.pace.quick) {
    this.stop("calm");
    if (this.state === "idle" || this.superseded) return this.ask(pose, fine);
    this.next = pose;
    this.planAhead();
  }
  ask(pose, fine) {
    const first = this.numbered(pose, fine);
    this.transition("waiting", { first });
    this.send(pose, first.seq, fine, fine && !this.pace.quick);
  }
  numbered(pose, fine) {
    return { pose, fine, seq: ++this.seq, sentAt: this.clock() };
  }
  // A finer picture of an older pose is not waited for, unless such pictures come at once.
  get superseded() {
    return this.first.fine && !this.pace.quick;
  }
  // An answer: paints it if it is the one waited for, then sends what came up meanwhile.
  receive({ seq, src, busy, late, finer, ms }) {
    if (this.second && seq === this.second.seq) this.promote(); // it overtook the one before
    if (seq !== this.waiting) return;
    if (busy) return this.pause();
    if (late) return this.lost(); // an older request of the same visitor came into the queue after it
    const { first, next } = this;
    this.pace.learn(this.clock() - first.sentAt, first.fine, Boolean(src), ms);
    if (src) this.paint(src, seq, first.fine);
    if (this.second) return this.promote();
    this.transition("idle");
    if (next) this.request(next);
    else if (finer) this.atRest(first.pose);
  }
  planAhead() {
    if (this.state !== "waiting" || this.timers.early || this.first.fine) return;
    const at = this.pace.nextAt(this.first.sentAt, this.answeredAt);
    if (at !== null) this.start("early", Math.max(0, at - this.clock()), () => this.sendAhead());
  }
  sendAhead() {
    if (!this.next) return;
    const second = this.numbered(this.next, false);
    this.transition("ahead", { first: this.first, second });
    this.send(second.pose, second.seq, false, false);
  }
  // The second request takes the place of the first, which was answered, or will not be.
  promote() {
    const { second, next } = this;
    this.answeredAt = this.clock();
    this.transition("waiting", { first: second, next });
    if (next) this.planAhead();
  }
  lost() {
    if (!this.second) return this.again();
    this.pace.forgetWay(); // others wait there too
    this.promote();
  }
  pause() {
    this.pace.forgetFine();
    this.pace.forgetWay();
    this.transition("paused", { first: this.first, next: this.newer });
    this.start("again", this.rest, () => this.again());
  }
  // Without an answer the newest pose is sent again; a finer picture is not worth a second try.
  giveUp() {
    const hopeless = this.superseded && !this.next;
    this.pace.forgetFine();
    if (hopeless) this.transition("idle");
    else this.again();
  }
  again() {
    const { first, newer } = this;
    this.transition("idle");
    this.request(newer || first.pose, newer ? this.pace.quick : first.fine);
  }
  // Asks for the finer picture as soon as the hand rests.
  atRest(pose) {
    this.start("calm", this.calm, () => (this.resting() ? this.request(pose, true) : this.atRest(pose)));
  }
  // The newest pose that came after the first request's, if any did.
  get newer() {
    return this.next || (this.second && this.second.pose);
  }
  // The number of the request that is waited for.
  get waiting() {
    return this.first && this.first.seq;
  }
  get slow() {
    return this.pace.slow;
  }
}
