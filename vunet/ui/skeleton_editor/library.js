// The pose library under the stage: ready-made poses, and the visitor's own, which stay in this browser.
// In scope: LIBRARY, from component.py, view.js and what it rests on; `pick` is given by editor.js.

const SHELF = "vunet.poses"; // the key in localStorage

function readShelf() {
  try {
    const kept = JSON.parse(localStorage.getItem(SHELF) || "[]");
    return Array.isArray(kept) ? kept.filter(isKept) : [];
  } catch {
    return []; // blocked or damaged storage: the library goes on without own poses
  }
}

// Storage may hold anything: a damaged entry must not take the editor down, nor reach the server.
function isKept(entry) {
  const joints = entry && entry.pose && entry.pose.joints;
  const fine = (j) => j && typeof j.visible === "boolean" && [j.x, j.y].every((v) => Number.isFinite(v) && Math.abs(v) < 2);
  return Boolean(joints && typeof entry.name === "string" && names.every((name) => fine(joints[name])));
}

function writeShelf(entries) {
  try {
    localStorage.setItem(SHELF, JSON.stringify(entries));
    return true;
  } catch {
    return false;
  }
}

const matches = (entry, query) => (entry.name + " " + entry.kind).toLowerCase().includes(query.trim().toLowerCase());

function thumbnail(pose) {
  const picture = document.createElementNS(NS, "svg");
  setAll(picture, { viewBox: "0 0 100 100", "aria-hidden": "true" });
  for (const [a, b, colour] of limbs) {
    const p = pointOf(pose, a), q = pointOf(pose, b);
    if (p.visible && q.visible) {
      svgNode("line", picture, { x1: p.x * 100, y1: p.y * 100, x2: q.x * 100, y2: q.y * 100, stroke: colour });
    }
  }
  return picture;
}

function poseCard(entry, pick, forget) {
  const card = document.createElement("div"), button = document.createElement("button");
  card.className = "vu-card";
  button.type = "button";
  button.title = entry.name;
  button.append(thumbnail(entry.pose), entry.name);
  button.addEventListener("click", () => pick(entry));
  card.append(button);
  if (!entry.own) return card;
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "vu-forget";
  remove.textContent = "×";
  remove.setAttribute("aria-label", "Forget " + entry.name);
  remove.addEventListener("click", () => forget(entry));
  card.append(remove);
  return card;
}

function drawLibrary(pick) {
  const query = find(".vu-search").value, own = readShelf();
  const forget = ({ name }) => {
    writeShelf(readShelf().filter((entry) => entry.name !== name));
    drawLibrary(pick);
    say(name + " forgotten");
  };
  const shown = [...own.map((entry) => ({ ...entry, kind: "own", own: true })), ...LIBRARY].filter((e) => matches(e, query));
  find(".vu-poses").replaceChildren(...shown.map((entry) => poseCard(entry, pick, forget)));
  find(".vu-none").hidden = shown.length > 0;
}

// Keeps a pose under a name that is still free.
function shelve(pose) {
  const entries = readShelf(), taken = new Set(entries.map((entry) => entry.name));
  let number = entries.length + 1;
  while (taken.has("My pose " + number)) number += 1;
  const name = "My pose " + number;
  return writeShelf([{ name, pose }, ...entries]) ? name : null;
}
