// The pictures of a film, at the times that are asked for.

const PATIENT = 15000; // milliseconds that a browser may take for one picture

export class FilmPictures {
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
