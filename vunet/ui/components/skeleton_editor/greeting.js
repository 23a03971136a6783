// The first seconds of a visit: the person waves once, and a hand points at a wrist until the visitor drags something.
// In scope: view.js, rig.js; from editor.js: history, grip, played, ask, live.

const HINTED = "vunet.dragged"; // the key in localStorage: whether this visitor has dragged a joint before
const GREETING = { pause: 500, length: 2200, lift: 0.3, swing: 0.05 }; // milliseconds, fractions of the frame
const HAND = "M-8 0v-34a9 9 0 0 1 18 0v22l30 8a13 13 0 0 1 10 15l-6 26a16 16 0 0 1-16 13H-2a16 16 0 0 1-13-7l-24-34a9 9 0 0 1 13-12l18 13z";
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

// Where the wrist is after a part (0 to 1) of the greeting.
function waving(pose, part) {
  const wrist = pose.joints.lwrist, up = Math.sin(Math.PI * part) ** 0.7;
  const out = Math.sin(6 * Math.PI * part) * GREETING.swing * up;
  return dragJoint(pose, "lwrist", { x: wrist.x + 0.06 * up + out, y: wrist.y - GREETING.lift * up }, rig, { locked: true });
}

function greet(pose) {
  if (hinted()) return;
  pointAt(pose.joints.lwrist);
  if (still) return;
  let begun = null, over = false;
  const stop = () => {
    over = true;
    if (played) commit(played, ""); // who takes hold goes on from what is seen
    played = null;
  };
  stage.addEventListener("vu-grab", stop, { once: true });
  const step = (now) => {
    if (over) return;
    if (!samePose(history.present, pose) || live.slow) return settle();
    begun = begun ?? now;
    const part = (now - begun) / GREETING.length;
    if (part >= 1) return settle();
    played = waving(pose, part);
    drawMoving(played);
    ask(played);
    requestAnimationFrame(step);
  };
  const settle = () => {
    over = true;
    played = null;
    stage.removeEventListener("vu-grab", stop);
    drawMoving(history.present);
    ask(history.present);
  };
  setTimeout(() => requestAnimationFrame(step), GREETING.pause);
}

const hinted = () => localStorage.getItem(HINTED) !== null;

function pointAt({ x, y }) {
  const hand = svgNode("g", find(".vu-hint"), { transform: "translate(" + (x * SIZE + 6) + " " + (y * SIZE + 44) + ")" });
  svgNode("path", hand, { d: HAND });
  stage.addEventListener("vu-grab", () => {
    find(".vu-hint").replaceChildren();
    localStorage.setItem(HINTED, "1");
  }, { once: true });
}
