// One request is answered at a time, the newest pose wins, and the last picture always belongs to the last pose. To a server far
// away the next request is sent so early that it is there when the server is done, and no earlier: its pose would be old.
// Once the hand rests, the same pose is asked for once more, as the finer picture that takes the server longer.

const QUICK = 50; // milliseconds of a finer picture's round trip below which a drag shows nothing else
const NEAR = 32; // milliseconds of a way to the server below which it shares the browser's cores, which have no time to spare
const MARGIN = 4; // milliseconds that the next request is at the server before it is needed
const SLOW = 700; // milliseconds of a usual round trip above which a drag is shown on release only

class LiveLink {
  constructor(send, paint, { timeout = 6000, rest = 800, calm = 80, resting = () => true, clock = () => performance.now() } = {}) {
    this.send = send; // (pose, seq, fine, rest): starts a request; rest: no hand moves
    this.paint = paint; // (src, seq): shows a picture
    this.timeout = timeout; // milliseconds until an unanswered request is given up
    this.rest = rest; // milliseconds before a busy server is asked again
    this.calm = calm; // milliseconds of rest after which the finer picture is asked for
    this.resting = resting; // whether no hand moves the pose
    this.clock = clock;
    this.seq = 0;
    this.waiting = null; // seq in flight
    this.next = null; // pose to send when the answer is there
    this.timer = null;
    this.trips = []; // milliseconds of the last round trips
    this.fineTrips = []; // the same of finer pictures
    this.ahead = null; // the request after the one that is waited for: { seq, pose, sentAt }
    this.works = []; // milliseconds of the server's last answers
    this.ways = []; // the rest of their round trips
    this.answeredAt = 0;
  }
  request(pose, fine = this.quick) {
    clearTimeout(this.calmTimer);
    if (this.waiting !== null && !(this.fine && !this.quick)) {
      this.next = pose;
      this.planAhead();
      return;
    }
    clearTimeout(this.timer); // a finer picture of the pose before is not waited for
    this.waiting = ++this.seq;
    this.fine = fine;
    this.sentAt = this.clock();
    this.current = pose;
    this.timer = setTimeout(() => this.giveUp(), this.timeout);
    this.send(pose, this.seq, fine, fine && !this.quick);
  }
  // An answer: paints it if it is the one waited for, then sends what came up meanwhile.
  receive({ seq, src, busy, late, finer, ms }) {
    if (this.ahead && seq === this.ahead.seq) this.promoteAhead(); // it overtook the one before
    if (seq !== this.waiting) return;
    if (busy) return this.pause();
    if (late && this.ahead) return this.forgetPace(), this.promoteAhead(); // others wait there too
    if (late && !this.next) return this.again(); // an older request of the same visitor came into the queue after it
    this.learn(this.clock() - this.sentAt, src, ms);
    if (src) this.paint(src, seq, this.fine);
    if (this.ahead) return this.promoteAhead();
    const last = !this.next && this.current;
    this.finish(this.next);
    if (finer && last) this.atRest(last);
  }
  learn(trip, src, ms) {
    if (!this.fine) this.trips = [...this.trips, trip].slice(-3);
    else if (src) this.fineTrips = [...this.fineTrips, trip].slice(-3);
    if (this.fine || !ms) return;
    this.works = [...this.works, ms].slice(-5);
    this.ways = [...this.ways, trip - ms].slice(-5);
  }
  // Sends the newest pose shortly before the server is done with the one before; until then a newer one takes its place.
  planAhead() {
    if (this.ahead || this.aheadTimer || this.fine || !this.works.length) return;
    const way = Math.min(...this.ways), work = Math.min(...this.works); // more is waiting
    if (way < NEAR) return;
    const answer = Math.max(this.sentAt + way, this.answeredAt) + work;
    this.aheadTimer = setTimeout(() => this.sendAhead(), Math.max(0, answer - way - MARGIN - this.clock()));
  }
  sendAhead() {
    this.aheadTimer = null;
    if (this.waiting === null || this.fine || !this.next) return;
    this.ahead = { seq: ++this.seq, pose: this.next, sentAt: this.clock() };
    this.next = null;
    this.send(this.ahead.pose, this.ahead.seq, false, false);
  }
  promoteAhead() {
    clearTimeout(this.timer);
    this.answeredAt = this.clock();
    ({ seq: this.waiting, pose: this.current, sentAt: this.sentAt } = this.ahead);
    this.ahead = null;
    this.timer = setTimeout(() => this.giveUp(), this.timeout);
    if (this.next) this.planAhead();
  }
  // Nothing is sent ahead until a usual answer has come again.
  forgetPace() {
    this.works = [];
    this.ways = [];
  }
  dropAhead() {
    clearTimeout(this.aheadTimer);
    this.aheadTimer = null;
    if (this.ahead && !this.next) this.next = this.ahead.pose;
    this.ahead = null;
  }
  // Asks for the finer picture as soon as the hand rests.
  atRest(pose) {
    this.calmTimer = setTimeout(() => (this.resting() ? this.request(pose, true) : this.atRest(pose)), this.calm);
  }
  // The server has too many visitors: the newest pose is sent again a little later.
  pause() {
    this.fineTrips = [];
    this.forgetPace();
    this.dropAhead();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.again(), this.rest);
  }
  // Without an answer the newest pose is sent again; a finer picture is not worth a second try.
  giveUp() {
    const quick = this.quick;
    this.fineTrips = [];
    if (this.fine && !quick && !this.next) return this.finish(null);
    this.again();
  }
  again() {
    this.dropAhead();
    const pose = this.next || this.current, fine = this.next ? this.quick : this.fine;
    this.finish(null);
    this.request(pose, fine);
  }
  finish(pose) {
    clearTimeout(this.timer);
    this.dropAhead();
    this.waiting = this.next = null;
    if (pose) this.request(pose);
  }
  // True while the last three finer pictures all came at once: a machine with a GPU draws no others.
  get quick() {
    return this.fineTrips.length === 3 && this.fineTrips.every((trip) => trip < QUICK);
  }
  // True while the last three round trips all took long; one quick answer and the drag is live again.
  get slow() {
    return this.trips.length === 3 && this.trips.every((trip) => trip > SLOW);
  }
}

if (typeof module !== "undefined") module.exports = { LiveLink };
