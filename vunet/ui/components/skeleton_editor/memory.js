// The pose on the stage is kept in this browser at the end of every gesture, and comes back after a reload: this tab's own
// first, in a new tab the last one of any.

import { isPose } from "../browser/geometry.js";

const STOOD = "vunet.pose"; // the key in both storages

export function rememberPose(pose) {
  for (const storage of ["sessionStorage", "localStorage"]) {
    try {
      window[storage].setItem(STOOD, JSON.stringify(pose));
    } catch {
      // blocked storage: the pose is lost with the page
    }
  }
}

export function rememberedPose(names) {
  try {
    const pose = JSON.parse(sessionStorage.getItem(STOOD) || localStorage.getItem(STOOD));
    return isPose(pose, names) ? pose : null;
  } catch {
    return null;
  }
}
