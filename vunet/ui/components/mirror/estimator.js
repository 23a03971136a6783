// Who is in a picture: MediaPipe's landmarker, loaded when it is first needed, from this server and nowhere else.

import { LANDMARKS } from "../facts.js";
import { between, span } from "../browser/retarget.js";

const HOME = new URL("vunet-mirror/", document.baseURI).href;
const VISIBLE = 0.5; // of a landmark
const TRUNK = ["lshoulder", "rshoulder", "lhip", "rhip"];

let loading = null;
export const estimator = () => (loading = loading || load().catch((error) => ((loading = null), Promise.reject(error))));

async function load() {
  const { PoseLandmarker } = await import(HOME + "vision_bundle.mjs");
  const files = { wasmLoaderPath: HOME + "vision_wasm_internal.js", wasmBinaryPath: HOME + "vision_wasm_internal.wasm" };
  const model = { modelAssetPath: HOME + "pose_landmarker_full.task", delegate: "CPU" };
  return PoseLandmarker.createFromOptions(files, { baseOptions: model, runningMode: "VIDEO", numPoses: 2 });
}

const heightOf = (marks) => Math.max(...marks.map((m) => m.y)) - Math.min(...marks.map((m) => m.y));

export const largest = (people) => people.reduce((a, b) => (heightOf(b) > heightOf(a) ? b : a));

export const middleOf = (marks) => between(between(marks[11], marks[12]), between(marks[23], marks[24])); // shoulders and hips

export function nearest(people, place) {
  return people.reduce((a, b) => (span(middleOf(b), place) < span(middleOf(a), place) ? b : a));
}

// In a square frame as high as the picture. Null where shoulders or hips are out of view.
export function jointsOf(marks, { videoWidth, videoHeight }) {
  const joints = {}, wide = videoWidth / videoHeight;
  for (const [name, i] of Object.entries(LANDMARKS)) {
    const { x, y, visibility } = marks[i], inside = x >= 0 && x <= 1 && y >= 0 && y <= 1;
    joints[name] = { x: 0.5 + (x - 0.5) * wide, y, visible: inside && visibility >= VISIBLE };
  }
  return TRUNK.every((name) => joints[name].visible) ? joints : null;
}
