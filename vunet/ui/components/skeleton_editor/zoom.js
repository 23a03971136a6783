// Zoom and pan of the stage: wheel, pinch, buttons, and the empty ground dragged. In scope: view.js.

const MOST_ZOOM = 6;
const world = find(".vu-world");
let zoom = { scale: 1, x: 0, y: 0 }; // the world is scaled, then shifted by fractions of the canvas

function setZoom({ scale, x, y }) {
  scale = Math.min(MOST_ZOOM, Math.max(1, scale));
  const inside = (shift) => Math.min(0, Math.max(1 - scale, shift)); // no ground beyond the picture's edge
  zoom = { scale, x: inside(x), y: inside(y) };
  world.style.transform = "translate(" + 100 * zoom.x + "%," + 100 * zoom.y + "%) scale(" + scale + ")";
  root.style.setProperty("--vu-unzoom", 1 / Math.sqrt(scale)); // handles grow more slowly than the picture
  canvas.classList.toggle("vu-zoomed", scale > 1);
  setWipe();
}

function onCanvas({ clientX, clientY }) {
  const box = canvas.getBoundingClientRect();
  return { x: (clientX - box.left) / box.width, y: (clientY - box.top) / box.height };
}

// Zooms by a factor; what was at a point of the canvas comes to another point, or stays where it is.
function zoomAbout(at, factor, from = zoom, to = at) {
  const scale = Math.min(MOST_ZOOM, Math.max(1, from.scale * factor));
  setZoom({ scale, ...minus(to, times(minus(at, from), scale / from.scale)) });
}

// The wheel zooms with Ctrl, as a pinch on a touchpad does, or after the stage was touched; else it scrolls the page.
canvas.addEventListener("wheel", (event) => {
  const wanted = event.ctrlKey || event.metaKey || canvas.contains(document.activeElement);
  if (!wanted || (event.deltaY > 0 && zoom.scale === 1 && !event.ctrlKey)) return;
  event.preventDefault();
  zoomAbout(onCanvas(event), Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)));
}, { passive: false });

const ZOOMS = { in: () => zoomAbout({ x: 0.5, y: 0.5 }, 1.5), out: () => zoomAbout({ x: 0.5, y: 0.5 }, 1 / 1.5), fit: () => setZoom({ scale: 1, x: 0, y: 0 }) };
find(".vu-zoom").addEventListener("click", ({ target }) => target.dataset.zoom && ZOOMS[target.dataset.zoom]());

// Two fingers: what lay under them stays under them.
let pinch = null;

function fingers(touches) {
  const [a, b] = [touches[0], touches[1]].map(onCanvas);
  return { middle: times(plus(a, b), 0.5), spread: Math.max(lengthOf(minus(a, b)), 0.01) };
}

canvas.addEventListener("touchstart", (event) => {
  if (event.touches.length !== 2) return;
  event.preventDefault();
  endDrag(false);
  pinch = { ...fingers(event.touches), from: zoom };
}, { passive: false });

canvas.addEventListener("touchmove", (event) => {
  if (!pinch || event.touches.length !== 2) return;
  event.preventDefault();
  const { middle, spread } = fingers(event.touches);
  zoomAbout(pinch.middle, spread / pinch.spread, pinch.from, middle);
}, { passive: false });

for (const end of ["touchend", "touchcancel"]) canvas.addEventListener(end, () => (pinch = null));

// A grip on the empty ground of a zoomed stage moves what is seen.
function groundGrip(event) {
  const start = onCanvas(event), from = zoom;
  return { pan: (moved) => setZoom({ ...from, ...plus(from, minus(onCanvas(moved), start)) }) };
}
