// Many browsers do not know the type of a phone's HEIC file, and Gradio takes no picture without a type: it gets one here,
// before Gradio sees it.
const PHOTO_TYPES = { heic: "image/heic", heif: "image/heif", avif: "image/avif" };
const PHOTO_INPUT = 'input[type="file"][accept^="image/"]';

function withType(file) {
  const type = PHOTO_TYPES[file.name.split(".").pop().toLowerCase()];
  return type && !file.type ? new File([file], file.name, { type, lastModified: file.lastModified }) : file;
}

function typed(files) {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(withType(file));
  return transfer.files;
}

const untyped = (files) => [...files].some((file) => withType(file) !== file);

document.addEventListener("click", ({ target }) => {
  if (target.matches?.(PHOTO_INPUT)) target.accept = "image/*,.heic,.heif,.avif"; // else some file choosers grey them out
}, true);

document.addEventListener("change", ({ target }) => {
  if (target.matches?.(PHOTO_INPUT) && untyped(target.files)) target.files = typed(target.files);
}, true);

document.addEventListener("drop", (event) => {
  const input = event.target.closest?.("button, .block")?.querySelector(PHOTO_INPUT);
  if (!input || !untyped(event.dataTransfer.files)) return;
  event.preventDefault();
  event.stopPropagation();
  input.files = typed(event.dataTransfer.files);
  input.dispatchEvent(new Event("change", { bubbles: true }));
}, true);
