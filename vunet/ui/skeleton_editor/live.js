// One request in flight, the newest pose wins, and the last picture always belongs to the last pose. Once the hand rests,
// the same pose is asked for once more, as the finer picture that takes the server longer.

const QUICK = 50; // milliseconds of a finer picture's round trip below which a drag shows nothing else
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
  }
  request(pose, fine = this.quick) {
    clearTimeout(this.calmTimer);
    if (this.waiting !== null && !(this.fine && !this.quick)) {
      this.next = pose;
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
  receive({ seq, src, busy, late, finer }) {
    if (seq !== this.waiting) return;
    if (busy) return this.pause();
    if (late && !this.next) return this.again(); // an older request of the same visitor came into the queue after it
    const trip = this.clock() - this.sentAt;
    if (!this.fine) this.trips = [...this.trips, trip].slice(-3);
    else if (src) this.fineTrips = [...this.fineTrips, trip].slice(-3);
    if (src) this.paint(src, seq, this.fine);
    const last = !this.next && this.current;
    this.finish(this.next);
    if (finer && last) this.atRest(last);
  }
  // Asks for the finer picture as soon as the hand rests.
  atRest(pose) {
    this.calmTimer = setTimeout(() => (this.resting() ? this.request(pose, true) : this.atRest(pose)), this.calm);
  }
  // The server has too many visitors: the newest pose is sent again a little later.
  pause() {
    this.fineTrips = [];
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
    const pose = this.next || this.current, fine = this.next ? this.quick : this.fine;
    this.finish(null);
    this.request(pose, fine);
  }
  finish(pose) {
    clearTimeout(this.timer);
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
