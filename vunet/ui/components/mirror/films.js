// A film as a motion: its poses are read here, picture by picture, and only joints go to the server. In scope: FILM, once.

const PATIENT = 15000; // milliseconds that a browser may take for one picture

// The pictures of a film, at the times that are asked for.
class FilmPictures {
  constructor(video) {
    this.video = video;
  }
  // Rejects for a film that this browser cannot show.
  async open(file) {
    this.address = URL.createObjectURL(file);
    const shown = once(this.video, "loadeddata");
    this.video.preload = "auto"; // else telephones wait for a play button
    this.video.src = this.address;
    await shown;
    if (this.video.duration === Infinity) await this.at(1e7); // recorded films do not say how long they are
    this.seconds = this.video.duration;
  }
  async at(seconds) {
    const there = once(this.video, "seeked");
    this.video.currentTime = seconds;
    await there;
  }
  close() {
    this.video.removeAttribute("src");
    this.video.load();
    URL.revokeObjectURL(this.address);
  }
}

function once(video, name) {
  return new Promise((done, failed) => {
    video.addEventListener(name, done, { once: true });
    video.addEventListener("error", failed, { once: true });
    setTimeout(failed, PATIENT);
  });
}

// Times, and where the joints of one person are then: [[x, y, visible], ...] in the order of NAMES, or null.
class FilmPoses {
  constructor() {
    this.times = [];
    this.joints = [];
  }
  add(seconds, joints) {
    const rounded = (value) => Math.round(value * 1e4) / 1e4;
    const row = joints && NAMES.map((name) => [rounded(joints[name].x), rounded(joints[name].y), Number(joints[name].visible)]);
    this.times.push(seconds);
    this.joints.push(row);
  }
}

const middleOf = (marks) => between(between(marks[11], marks[12]), between(marks[23], marks[24])); // shoulders and hips

function nearest(people, place) {
  return people.reduce((a, b) => (span(middleOf(b), place) < span(middleOf(a), place) ? b : a));
}

if (typeof module !== "undefined") module.exports = { FilmPoses, nearest };
