// A film as a motion: its poses are read here, picture by picture, and only joints go to the server.

import { t } from "../browser/words.js";
import { estimator, jointsOf, largest, middleOf, nearest } from "./estimator.js";
import { FilmPictures } from "./film_pictures.js";
import { FilmPoses } from "./film_poses.js";

export class FilmReader {
  // limits: {rate, longest}, pictures a second and seconds. say: (text). takeOver: before a film is read. body: (), the pose
  // whose proportions are kept, or null. toStrip: (poses, pose), whether they are there now.
  constructor(preview, button, { limits, say, takeOver, body, toStrip }) {
    Object.assign(this, { preview, button, limits, say, takeOver, body, toStrip });
    this.reading = null; // {ended, dropped, done} of the film that is read
  }
  // One film at a time: an older one ends first, and what was read of it counts for nothing.
  open(file) {
    const mine = { ended: false }, before = this.reading;
    this.reading = mine;
    mine.done = (async () => {
      await drop(before);
      if (this.reading === mine) await this.read(file, mine);
      if (this.reading !== mine) return;
      this.reading = null;
      this.show(false);
    })();
  }
  // The visitor has had enough: what is read is kept.
  end() {
    this.reading.ended = true;
  }
  drop() {
    return drop(this.reading);
  }
  show(on) {
    this.preview.showFilm(on);
    this.button.textContent = t(on ? "film.stop" : "film.open");
  }
  async read(file, mine) {
    const body = this.body(), pictures = new FilmPictures(this.preview.film);
    if (!body) return this.say(t("mirror.nobody.stage"));
    this.takeOver();
    this.say(t("film.loading"));
    try {
      await pictures.open(file);
    } catch {
      pictures.close();
      return this.leaveToServer(file);
    }
    try {
      if (pictures.seconds > this.limits.longest) return this.say(t("film.long", this.limits.longest));
      const poses = await this.posesOf(pictures, await estimator(), mine);
      if (mine.dropped) return;
      if (!poses.times.length) return this.say(t("film.nothing"));
      if (await this.toStrip(poses, { joints: body.joints })) this.say(t(mine.ended ? "film.cut" : "film.read"));
    } catch {
      this.say(t("mirror.failed"));
    } finally {
      pictures.close();
    }
  }
  // This browser cannot show it: perhaps the server can.
  leaveToServer(file) {
    this.say("");
    const input = document.querySelector("input:has(+ #motion-video)"); // the upload button's own
    document.dispatchEvent(new CustomEvent("vu-give", { detail: { file, input } }));
  }
  // All poses until the end, or until the visitor has had enough.
  async posesOf(pictures, landmarker, mine) {
    const { video, seconds: length } = pictures, poses = new FilmPoses(), started = performance.now();
    const peopleAt = async (seconds) => {
      await pictures.at(seconds);
      return landmarker.detectForVideo(video, performance.now()).landmarks;
    };
    this.show(true);
    let place = await this.chosenPlace(await peopleAt(0), video, mine);
    for (let seconds = 0; seconds < length && !mine.ended; seconds += 1 / this.limits.rate) {
      const people = await peopleAt(seconds), person = people.length ? nearest(people, place || middleOf(largest(people))) : null;
      const joints = person && jointsOf(person, video);
      if (joints) place = middleOf(person);
      poses.add(seconds, joints);
      this.preview.draw(joints ? [joints] : [], video);
      const left = ((performance.now() - started) / 1000 / (seconds || 1)) * (length - seconds);
      if (seconds) this.say(t("film.progress", Math.round(seconds), Math.round(length), Math.ceil(left)));
      await new Promise(requestAnimationFrame);
    }
    return poses;
  }
  // Where the person is who is to be followed: of several, the one that is clicked.
  async chosenPlace(people, video, mine) {
    const skeletons = people.map((marks) => jointsOf(marks, video)).filter(Boolean);
    if (people.length < 2 || skeletons.length < 2) return people.length ? middleOf(largest(people)) : null;
    this.preview.draw(skeletons, video);
    this.say(t("film.choose"));
    return this.preview.clickedPlace(() => mine.ended);
  }
}

async function drop(film) {
  if (!film) return;
  film.ended = film.dropped = true;
  await film.done;
}
