// What a pose looks like on the stage. In scope: element, props (Gradio), the shared files, and rig.js.

const SIZE = 1000; // of the viewBox
const find = (selector) => element.querySelector(selector);
const root = find(".vu-editor"), canvas = find(".vu-canvas"), svg = find(".vu-world svg"), status = find(".vu-status");
const { names, limbs } = props.skeleton;
const rig = props.skeleton;
const titles = Object.fromEntries(names.map((name) => [name, t("joint." + name)]));

translate(element);

// A limb has a visible line and a broader one that can be seized.
const limbNodes = limbs.map(([a, b, colour]) => {
  const group = svgNode("g", find(".vu-limbs"), { class: "vu-limb", "data-limb": a + "-" + b });
  return { a, b, group, lines: [svgNode("line", group, { class: "vu-reach" }), svgNode("line", group, { stroke: colour })] };
});

const colourOf = {};
for (const [a, b, colour] of limbs) for (const n of [a, b]) colourOf[n] = colourOf[n] || colour;

const jointNodes = Object.fromEntries(names.map((name) => {
  const node = svgNode("g", find(".vu-joints"), { class: "vu-joint", tabindex: "0", role: "button", "data-joint": name });
  svgNode("circle", node, { class: "vu-hit", r: 40 });
  svgNode("circle", node, { class: "vu-ring", r: 21 });
  svgNode("circle", node, { class: "vu-dot", r: name.endsWith("eye") ? 8 : 12, fill: colourOf[name] });
  return [name, node];
}));

const HANDLES = {
  move: [t("body.move"), "M-16 0H16M0-16V16M-16 0l6-5v10zM16 0l-6-5v10zM0-16l-5 6h10zM0 16l-5-6h10z"],
  turn: [t("body.turn"), "M-13 4a13 13 0 1 1 4 8M-13 4l-6-7M-13 4l8-5"],
  scale: [t("body.scale"), "M-12 12L12-12M12-12h-9M12-12v9M-12 12h9M-12 12v-9"],
};
const handleNodes = Object.fromEntries(Object.entries(HANDLES).map(([name, [title, icon]]) => {
  const node = svgNode("g", find(".vu-handles"), {
    class: "vu-handle", tabindex: "0", role: "button", "data-handle": name, "aria-label": title + ": " + t("body.keys") });
  svgNode("title", node, {}).textContent = title;
  svgNode("circle", node, { r: 27 });
  svgNode("path", node, { d: icon });
  return [name, node];
}));

// During a drag, `drawMoving` alone runs: the browser shares its cores with the model.
function drawMoving(pose) {
  for (const { a, b, group, lines } of limbNodes) {
    const p = pointOf(pose, a), q = pointOf(pose, b);
    setAll(group, { visibility: p.visible && q.visible ? "inherit" : "hidden" });
    for (const line of lines) setAll(line, { x1: p.x * SIZE, y1: p.y * SIZE, x2: q.x * SIZE, y2: q.y * SIZE });
  }
  for (const name of names) moveNode(jointNodes[name], pose.joints[name]);
  drawHandles(pose);
  drawNumbers(pose);
}

function drawHandles(pose) {
  const xs = names.map((name) => pose.joints[name].x), centre = bodyCentre(pose);
  const beside = Math.max(...xs) + 0.09 > 0.96 ? Math.max(0.04, Math.min(...xs) - 0.09) : Math.max(...xs) + 0.09;
  moveNode(handleNodes.move, centre);
  moveNode(handleNodes.turn, { x: beside, y: Math.min(0.9, Math.max(0.04, centre.y - 0.035)) });
  moveNode(handleNodes.scale, { x: beside, y: Math.min(0.96, Math.max(0.1, centre.y + 0.035)) });
}

function moveNode(node, { x, y }) {
  setAll(node, { transform: "translate(" + x * SIZE + " " + y * SIZE + ")" });
}

function drawLabel(name, { x, y, visible, guessed }) {
  const node = jointNodes[name];
  node.classList.toggle("vu-off", !visible);
  node.classList.toggle("vu-guessed", Boolean(visible && guessed));
  node.classList.toggle("vu-chosen", selection.has(name));
  node.setAttribute("aria-pressed", String(selection.has(name)));
  const where = t("joint.where", Math.round(x * 100), Math.round(y * 100));
  node.setAttribute("aria-label", titles[name] + ", " + (visible ? where : t("joint.hidden")) + (visible && guessed ? ", " + t("joint.guessed") : ""));
}

// The list of hidden joints, each with a button that restores it.
function drawHidden(pose, restore) {
  const missing = names.filter((name) => !pose.joints[name].visible);
  const restorer = (name) => button("+ " + titles[name], t("joint.restore", titles[name]), () => {
    restore(name);
    jointNodes[name].focus(); // this button is gone
  });
  find(".vu-hidden").replaceChildren(...(missing.length ? [t("joint.missing")] : []), ...missing.map(restorer));
}

let chosen = null; // name of the joint that was chosen last
let selection = new Set(); // names of all chosen joints, which move together

function drawNumbers(pose) {
  const box = find(".vu-numbers");
  box.hidden = !chosen;
  if (!chosen) return;
  box.querySelector(".vu-name").textContent = titles[chosen];
  for (const axis of ["x", "y"]) {
    const field = box.querySelector('[data-axis="' + axis + '"]');
    if (document.activeElement !== field) field.value = (100 * pose.joints[chosen][axis]).toFixed(1);
  }
  drawDepth(pose, limbOf(chosen));
}

function drawDepth(pose, limb) {
  find(".vu-depth").hidden = !limb;
  for (const node of root.querySelectorAll("[data-depth]")) {
    node.setAttribute("aria-pressed", String(Boolean(limb && pose.depth && pose.depth[limb] === node.dataset.depth)));
    node.classList.remove("vu-guess");
  }
  if (limb && !(pose.depth && pose.depth[limb])) markSide(pose, limb);
}

// Where the lifted body has a limb of which nothing was said: that button is dashed.
async function markSide(pose, limb) {
  const asked = JSON.stringify(pose.joints);
  find(".vu-depth").dataset.pose = asked;
  const answer = await server.depths({ pose }).catch(() => null);
  if (find(".vu-depth").dataset.pose !== asked || !chosen || limbOf(chosen) !== limb || !answer || !answer.sides) return;
  const node = root.querySelector('[data-depth="' + answer.sides[limb] + '"]');
  if (node) node.classList.add("vu-guess");
}

function say(text, bad = false) {
  status.textContent = text;
  status.classList.toggle("vu-bad", bad);
}
