// How fast the server and the way to it are, from the last answers.

const QUICK = 50; // milliseconds of a finer picture's round trip below which a drag shows nothing else
const NEAR = 32; // milliseconds of a way to the server below which it shares the browser's cores, which have no time to spare
const MARGIN = 4; // milliseconds that the next request is at the server before it is needed
const SLOW = 700; // milliseconds of a usual round trip above which a drag is shown on release only

export class Pace {
  constructor() {
    this.trips = []; // milliseconds of the last usual round trips
    this.fineTrips = []; // the same of finer pictures
    this.works = []; // milliseconds of the server's last usual answers
    this.ways = []; // the rest of their round trips
  }
  learn(trip, fine, painted, work) {
    if (!fine) this.trips = [...this.trips, trip].slice(-3);
    else if (painted) this.fineTrips = [...this.fineTrips, trip].slice(-3);
    if (fine || !work) return;
    this.works = [...this.works, work].slice(-5);
    this.ways = [...this.ways, trip - work].slice(-5);
  }
  // When the request after the one of `sentAt` should leave, to be there as the server is done; null where nobody knows, or
  // where the server is too near. Of the last answers the quickest count: the others had to wait.
  nextAt(sentAt, answeredAt) {
    const way = Math.min(...this.ways), work = Math.min(...this.works);
    if (!this.works.length || way < NEAR) return null;
    return Math.max(sentAt + way, answeredAt) + work - way - MARGIN;
  }
  forgetFine() {
    this.fineTrips = [];
  }
  // Others wait at the server: nothing is sent early until a usual answer has come again.
  forgetWay() {
    this.works = [];
    this.ways = [];
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
