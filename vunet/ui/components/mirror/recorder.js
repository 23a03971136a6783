// What is on the stage as a film: WebM, by the browser's own encoder.

const FILM = 512, RATE = 25, LONGEST = 60; // pixels, pictures a second, seconds

class Recorder {
  constructor(pictureOf) {
    this.pictureOf = pictureOf; // () => the <img> on the stage
    this.poses = [];
  }
  start(ended) {
    const sheet = document.createElement("canvas"), parts = [];
    sheet.width = sheet.height = FILM;
    this.brush = sheet.getContext("2d");
    this.poses = [];
    this.began = performance.now();
    this.media = new MediaRecorder(sheet.captureStream(RATE), { mimeType: "video/webm" });
    this.media.ondataavailable = ({ data }) => parts.push(data);
    this.media.onstop = () => {
      clearInterval(this.timer);
      this.seconds = (performance.now() - this.began) / 1000;
      ended(new Blob(parts, { type: "video/webm" }));
    };
    this.timer = setInterval(() => this.paint(), 1000 / RATE);
    this.paint();
    this.media.start();
  }
  paint() {
    const picture = this.pictureOf();
    if (picture && picture.complete && picture.naturalWidth) this.brush.drawImage(picture, 0, 0, FILM, FILM);
    if (performance.now() - this.began > 1000 * LONGEST) this.stop();
  }
  keep(pose) {
    if (this.running) this.poses.push({ at: (performance.now() - this.began) / 1000, pose });
  }
  stop() {
    if (this.running) this.media.stop();
  }
  get running() {
    return Boolean(this.media && this.media.state === "recording");
  }
  // At most `most` of the poses, evenly in time, and the seconds from one to the next.
  keys(most) {
    const count = Math.min(most, this.poses.length), last = this.poses.length - 1;
    const keys = Array.from({ length: count }, (_, i) => this.poses[Math.round((i * last) / Math.max(1, count - 1))].pose);
    return { keys, seconds: Math.min(2, Math.max(0.25, this.seconds / Math.max(1, count))) };
  }
}
