// What is behind the skeleton: the render, the photo, both side by side with a wipe, or nothing. In scope: view.js, zoom.js.

function setBackdrop(name) {
  const comparing = name === "compare";
  find(".vu-backdrop").value = name;
  find(".vu-picture").hidden = !comparing && name !== "render";
  find(".vu-photo").hidden = !comparing && name !== "photo";
  find(".vu-wipe").hidden = find(".vu-comparing").hidden = !comparing;
  setWipe();
}

// The photo on the left of the wipe, the render on its right.
function setWipe() {
  const comparing = find(".vu-backdrop").value === "compare", split = Number(find(".vu-split").value);
  find(".vu-photo").style.clipPath = comparing ? "inset(0 " + 100 * (1 - split) + "% 0 0)" : "";
  find(".vu-picture").style.clipPath = comparing ? "inset(0 0 0 " + 100 * split + "%)" : "";
  find(".vu-wipe").style.left = 100 * (zoom.x + zoom.scale * split) + "%";
}

// While a button is held, the photo is seen instead of the render.
function peek(on) {
  if (on === root.classList.contains("vu-peeking")) return;
  root.classList.toggle("vu-peeking", on);
  if (on) peek.before = find(".vu-backdrop").value;
  setBackdrop(on ? "photo" : peek.before);
}

const peekButton = find('[data-do="peek"]');
peekButton.addEventListener("pointerdown", () => peek(true));
peekButton.addEventListener("keydown", ({ key }) => [" ", "Enter"].includes(key) && peek(true));
for (const end of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur"]) peekButton.addEventListener(end, () => peek(false));

find(".vu-backdrop").addEventListener("change", ({ target }) => setBackdrop(target.value));
find(".vu-split").addEventListener("input", setWipe);
find(".vu-opacity").addEventListener("input", ({ target }) => {
  for (const image of canvas.querySelectorAll("img")) image.style.opacity = target.value;
});
