// One request in flight, the newest pose wins, and the last picture always belongs to the last pose.

const SLOW = 700; // milliseconds of a usual round trip above which a drag is shown on release only

class LiveLink {
  constructor(send, paint, { timeout = 6000, rest = 800, clock = () => performance.now() } = {}) {
    this.send = send; // (pose, seq): starts a request
    this.paint = paint; // (src, seq): shows a picture
    this.timeout = timeout; // milliseconds until an unanswered request is given up
    this.rest = rest; // milliseconds before a busy server is asked again
    this.clock = clock;
    this.seq = 0;
    this.waiting = null; // seq in flight
    this.next = null; // pose to send when the answer is there
    this.timer = null;
    this.trips = []; // milliseconds of the last round trips
  }
  request(pose) {
    if (this.waiting !== null) {
      this.next = pose;
      return;
    }
    this.waiting = ++this.seq;
    this.sentAt = this.clock();
    this.current = pose;
    this.timer = setTimeout(() => this.giveUp(), this.timeout);
    this.send(pose, this.seq);
  }
  // An answer: paints it if it is the one waited for, then sends what came up meanwhile.
  receive({ seq, src, busy }) {
    if (seq !== this.waiting) return;
    if (busy) return this.pause();
    this.trips = [...this.trips, this.clock() - this.sentAt].slice(-3);
    if (src) this.paint(src, seq);
    this.finish(this.next);
  }
  // The server has too many visitors: the newest pose is sent again a little later.
  pause() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.giveUp(), this.rest);
  }
  giveUp() {
    this.finish(this.next || this.current);
  }
  finish(pose) {
    clearTimeout(this.timer);
    this.waiting = this.next = null;
    if (pose) this.request(pose);
  }
  // True while the last three round trips all took long; one quick answer and the drag is live again.
  get slow() {
    return this.trips.length === 3 && this.trips.every((trip) => trip > SLOW);
  }
}

if (typeof module !== "undefined") module.exports = { LiveLink };
