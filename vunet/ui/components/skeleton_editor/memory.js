// The pose on the stage is kept in this browser at the end of every gesture, and comes back after a reload.
// In scope: view.js.

const STOOD = "vunet.pose"; // the key in localStorage

function rememberPose(pose) {
  try {
    localStorage.setItem(STOOD, JSON.stringify(pose));
  } catch {
    // blocked storage: the pose is lost with the page
  }
}

function rememberedPose() {
  try {
    const pose = JSON.parse(localStorage.getItem(STOOD));
    return isPose(pose, names) ? pose : null;
  } catch {
    return null;
  }
}
