// The pose library: ready-made poses, and the visitor's own, which stay in this browser.

import { LIMBS, NAMES } from "../facts.js";
import { button, thumbnail } from "../browser/drawing.js";
import { isPose } from "../browser/geometry.js";
import { Panel } from "../browser/panel.js";
import { poseOnStage, tellStage } from "../browser/stage_link.js";
import { t, translate } from "../browser/words.js";

const SHELF = "vunet.poses"; // the key in localStorage

// ready: [{name, kind, pose}, ...]
export const start = ({ element }, { ready }) => new Library(element, ready);

class Library extends Panel {
  constructor(element, ready) {
    super(element);
    this.ready = ready.map((entry) => ({ ...entry, title: t("pose." + entry.name) }));
    translate(element);
    this.find(".vu-search").addEventListener("input", () => this.draw());
    this.tool("shelve").addEventListener("click", () => this.keep());
    this.draw();
    if (window.storageBlocked) this.say(t("library.blocked"));
  }
  draw() {
    const query = this.find(".vu-search").value;
    const own = readShelf().map((entry) => ({ ...entry, title: entry.name, kind: "own", own: true }));
    const shown = [...own, ...this.ready].filter((entry) => matches(entry, query));
    this.find(".vu-poses").replaceChildren(...shown.map((entry) => this.card(entry)));
    this.find(".vu-none").hidden = shown.length > 0;
  }
  card(entry) {
    const card = document.createElement("div"), pick = () => tellStage(this.element, "pick", entry);
    const take = button(thumbnail(entry.pose, LIMBS), null, pick);
    card.className = "vu-card";
    take.title = entry.title;
    take.append(entry.title);
    card.append(take);
    if (!entry.own) return card;
    const remove = button("×", t("library.forget", entry.name), () => this.forget(entry.name));
    remove.className = "vu-forget";
    card.append(remove);
    return card;
  }
  forget(name) {
    writeShelf(readShelf().filter((entry) => entry.name !== name));
    this.draw();
    const next = this.find(".vu-forget") || this.find(".vu-card button");
    if (next) next.focus();
    this.say(t("library.forgotten", name));
  }
  keep() {
    const pose = poseOnStage(this.element);
    if (!pose) return;
    const name = shelve(pose);
    this.draw();
    this.say(window.storageBlocked || !name ? t("library.blocked") : t("library.kept", name));
  }
  say(text) {
    this.find(".vu-said").textContent = text;
  }
}

function readShelf() {
  try {
    const kept = JSON.parse(localStorage.getItem(SHELF) || "[]");
    return Array.isArray(kept) ? kept.filter(isKept) : [];
  } catch {
    return []; // blocked or damaged storage: the library goes on without own poses
  }
}

const isKept = (entry) => Boolean(entry && typeof entry.name === "string" && isPose(entry.pose, NAMES));

function writeShelf(entries) {
  try {
    localStorage.setItem(SHELF, JSON.stringify(entries));
    return true;
  } catch {
    return false;
  }
}

const matches = (entry, query) => (entry.title + " " + entry.name + " " + entry.kind).toLowerCase().includes(query.trim().toLowerCase());

// Keeps a pose under a name that is still free.
function shelve(pose) {
  const entries = readShelf(), taken = new Set(entries.map((entry) => entry.name));
  let number = entries.length + 1;
  while (taken.has(t("library.mine", number))) number += 1;
  const name = t("library.mine", number);
  return writeShelf([{ name, pose }, ...entries]) ? name : null;
}
