// What is on the stage as a film: WebM, by the browser's own encoder.

import { FilmPoses } from "./film_poses.js";

const SIDE = 512, RATE = 25, LONGEST = 60; // pixels, pictures a second, seconds

export class Recorder {
  constructor(pictureOf) {
    this.pictureOf = pictureOf; // () => the <img> on the stage
    this.poses = new FilmPoses();
  }
  start(ended) {
    const sheet = document.createElement("canvas"), parts = [];
    sheet.width = sheet.height = SIDE;
    this.brush = sheet.getContext("2d");
    this.poses = new FilmPoses();
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
    if (picture && picture.complete && picture.naturalWidth) this.brush.drawImage(picture, 0, 0, SIDE, SIDE);
    if (performance.now() - this.began > 1000 * LONGEST) this.stop();
  }
  keep(pose) {
    if (this.running) this.poses.add((performance.now() - this.began) / 1000, pose.joints);
  }
  stop() {
    if (this.running) this.media.stop();
  }
  get running() {
    return Boolean(this.media && this.media.state === "recording");
  }
}
