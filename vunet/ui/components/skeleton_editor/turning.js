// Turns the body about the vertical axis. The server says once how deep each joint lies; then every angle is known here.
// In scope: view.js and what it rests on; from editor.js: history, commit, show, ask, server, t, say.

let turning = null; // {pose, depths}: what is being turned, null between two gestures
const turnSlider = find(".vu-turn");

function turnedAbout(pose, depths, degrees) {
  const angle = (degrees * Math.PI) / 180, axis = (pose.joints.lhip.x + pose.joints.rhip.x) / 2, joints = {};
  for (const [name, joint] of Object.entries(pose.joints)) {
    const deep = joint.visible ? depths[name] : 0;
    joints[name] = { ...joint, x: axis + (joint.x - axis) * Math.cos(angle) + deep * Math.sin(angle) };
  }
  return { joints }; // what was in front lies elsewhere now
}

async function startTurning() {
  const pose = history.present;
  turning = { pose, depths: null };
  const mine = turning, answer = await server.depths({ pose }).catch(() => null);
  if (turning !== mine) return;
  if (!answer || !answer.depths) return say((answer && answer.error) || t("server.silent"), true);
  turning.depths = answer.depths;
  turnTo(Number(turnSlider.value));
}

function turnTo(degrees) {
  find(".vu-degrees").textContent = degrees + "°";
  if (!turning || !turning.depths) return;
  turning.turned = turnedAbout(turning.pose, turning.depths, degrees);
  drawMoving(turning.turned);
  ask(turning.turned);
}

turnSlider.addEventListener("input", () => {
  if (!history) return;
  if (!turning) startTurning();
  turnTo(Number(turnSlider.value));
});

// One gesture is one undo; then the slider stands in the middle again, for the pose that there is.
turnSlider.addEventListener("change", () => {
  const done = turning && turning.turned, degrees = turnSlider.value;
  turning = null;
  turnSlider.value = 0;
  find(".vu-degrees").textContent = "0°";
  if (done) commit(done, t("turned", degrees));
});
