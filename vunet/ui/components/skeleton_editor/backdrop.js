// What is behind the skeleton: the render, the photo, both side by side with a wipe, or nothing.

export class Backdrop {
  constructor({ find, root, canvas }) {
    Object.assign(this, { find, root, place: { scale: 1, x: 0 } });
    const peek = find('[data-do="peek"]');
    peek.addEventListener("pointerdown", () => this.peek(true));
    peek.addEventListener("keydown", ({ key }) => [" ", "Enter"].includes(key) && this.peek(true));
    for (const end of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur"]) {
      peek.addEventListener(end, () => this.peek(false));
    }
    find(".vu-backdrop").addEventListener("change", ({ target }) => this.set(target.value));
    find(".vu-split").addEventListener("input", () => this.wipe());
    find(".vu-opacity").addEventListener("input", ({ target }) => {
      for (const image of canvas.querySelectorAll("img")) image.style.opacity = target.value;
    });
  }
  get name() {
    return this.find(".vu-backdrop").value;
  }
  set(name) {
    const comparing = name === "compare";
    this.find(".vu-backdrop").value = name;
    this.find(".vu-picture").hidden = !comparing && name !== "render";
    this.find(".vu-photo").hidden = !comparing && name !== "photo";
    this.find(".vu-wipe").hidden = this.find(".vu-comparing").hidden = !comparing;
    this.wipe();
  }
  // The photo on the left of the wipe, the render on its right. place: of a zoomed stage.
  wipe(place = this.place) {
    this.place = place;
    const comparing = this.name === "compare", split = Number(this.find(".vu-split").value);
    this.find(".vu-photo").style.clipPath = comparing ? "inset(0 " + 100 * (1 - split) + "% 0 0)" : "";
    this.find(".vu-picture").style.clipPath = comparing ? "inset(0 0 0 " + 100 * split + "%)" : "";
    this.find(".vu-wipe").style.left = 100 * (place.x + place.scale * split) + "%";
  }
  // While a button is held, the photo is seen instead of the render.
  peek(on) {
    if (on === this.root.classList.contains("vu-peeking")) return;
    this.root.classList.toggle("vu-peeking", on);
    if (on) this.before = this.name;
    this.set(on ? "photo" : this.before);
  }
}
