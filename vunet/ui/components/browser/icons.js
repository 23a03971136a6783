// Icons of tools: paths in a box of 24 units, drawn as lines.

import { svgElement, svgNode } from "./drawing.js";

const ICONS = {
  undo: "M9 7H4V2M4.5 7a8.5 8.5 0 1 1-1 8",
  redo: "M15 7h5V2M19.5 7a8.5 8.5 0 1 0 1 8",
  reset: "M4 4v16M20 5l-11 7 11 7z",
  lock: "M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11",
  bones: "M12 3.2a2 2 0 1 0 .01 0M12 7.5v7M5 10l7-1.5 7 1.5M8 21l4-6.5 4 6.5",
  peek: "M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12zM12 9a3 3 0 1 0 .01 0",
  scene: "M3 4h18v16H3zM3 17l5-5 4 4 3-3 6 5M15.5 7.2a1.5 1.5 0 1 0 .01 0",
  front: "M9 9h11v11H9zM12 6V4H4v8h2",
  behind: "M4 4h11v11H4zM18 9h2v11H9v-2",
  help: "M9.2 9a2.9 2.9 0 1 1 4.3 2.6c-1 .6-1.5 1.2-1.5 2.4M12 17.5h.01M12 2.5a9.5 9.5 0 1 0 .01 0",
  more: "M5 12h.01M12 12h.01M19 12h.01",
};

function icon(name) {
  const picture = svgElement("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "vu-icon" });
  svgNode("path", picture, { d: ICONS[name] });
  return picture;
}

// Fills a static template: data-icon names a node's icon.
export function drawIcons(root) {
  for (const node of root.querySelectorAll("[data-icon]")) node.replaceChildren(icon(node.dataset.icon));
}
