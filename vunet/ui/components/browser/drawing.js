// SVG nodes, and a pose as a small picture.

import { pointOf } from "./geometry.js";

const NS = "http://www.w3.org/2000/svg";

export function svgNode(tag, parent, attributes) {
  return parent.appendChild(svgElement(tag, attributes));
}

export function svgElement(tag, attributes) {
  const node = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

export function setAll(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}

export function thumbnail(pose, limbs) {
  const picture = svgElement("svg", { viewBox: "0 0 100 100", "aria-hidden": "true" });
  for (const [a, b, colour] of limbs) {
    const p = pointOf(pose, a), q = pointOf(pose, b);
    if (p.visible && q.visible) {
      svgNode("line", picture, { x1: p.x * 100, y1: p.y * 100, x2: q.x * 100, y2: q.y * 100, stroke: colour });
    }
  }
  return picture;
}

export function button(text, label, act) {
  const node = document.createElement("button");
  node.type = "button";
  node.append(text);
  if (label) node.setAttribute("aria-label", label);
  node.addEventListener("click", act);
  return node;
}
