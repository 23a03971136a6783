// SVG nodes, and a pose as a small picture. In scope: geometry.js.

const NS = "http://www.w3.org/2000/svg";

function svgNode(tag, parent, attributes) {
  const node = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return parent.appendChild(node);
}

function setAll(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}

function thumbnail(pose, limbs) {
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

function button(text, label, act) {
  const node = document.createElement("button");
  node.type = "button";
  node.append(text);
  if (label) node.setAttribute("aria-label", label);
  node.addEventListener("click", act);
  return node;
}
