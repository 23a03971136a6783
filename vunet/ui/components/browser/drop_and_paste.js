// A photo, a pose file or a film may be dropped anywhere, and a picture be pasted anywhere. Fields of Gradio's that take files come first.
const DOCUMENT = /\.(json|jsonl|txt)$/i;
const TRIES = 40, PAUSE = 50; // until a field that was closed is there: two seconds

const isPicture = (file) => file.type.startsWith("image/") || /\.(heic|heif|avif)$/i.test(file.name);
const isFilm = (file) => file.type.startsWith("video/") || /\.(mp4|webm|mov|mkv|m4v|avi)$/i.test(file.name);
const pressed = (selector) => document.querySelector(selector)?.click();

async function field(selector, open = () => {}) {
  if (!document.querySelector(selector)) open();
  for (let i = 0; i < TRIES && !document.querySelector(selector); i++) {
    await new Promise((done) => setTimeout(done, PAUSE));
    open();
  }
  return document.querySelector(selector);
}

function give(file, input) {
  if (!input) return;
  const transfer = new DataTransfer();
  transfer.items.add(file);
  input.files = transfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// Other scripts of the page ask for it: {file, input}.
document.addEventListener("vu-give", ({ detail }) => give(detail.file, detail.input));

function openPoseFiles() {
  pressed("#tab-poses-button");
  const accordion = document.querySelector("#pose-files button");
  if (accordion && !accordion.classList.contains("open")) accordion.click();
}

async function giveFilm(file) {
  const mirror = await field(".vu-mirror[data-ready]", () => pressed("#tab-motion-button"));
  if (mirror) mirror.dispatchEvent(new CustomEvent("vu-film-file", { detail: file, bubbles: true }));
}

async function take(files) {
  const picture = [...files].find(isPicture), pose = [...files].find((file) => DOCUMENT.test(file.name));
  if (picture) return give(picture, await field("#photo input[type=file]"));
  const film = [...files].find(isFilm);
  if (film) return giveFilm(film);
  if (pose) return give(pose, await field("#pose-files input[type=file]", openPoseFiles));
}

const bringsFiles = (event) => event.dataTransfer?.types.includes("Files"); // text may be dropped into fields as ever
document.addEventListener("dragover", (event) => {
  if (bringsFiles(event)) event.preventDefault(); // else the browser leaves the page for the file
});
document.addEventListener("drop", (event) => {
  if (event.defaultPrevented || !bringsFiles(event)) return;
  event.preventDefault();
  take(event.dataTransfer.files);
});
document.addEventListener("paste", (event) => {
  if (event.defaultPrevented || event.target.closest?.("input, textarea, [contenteditable=true]")) return;
  if (event.clipboardData?.files.length) take(event.clipboardData.files);
});

// Over plain http by another address than localhost, browsers give no page a camera or the clipboard.
if (!window.isSecureContext) document.documentElement.classList.add("vu-insecure");
