// The pose library: ready-made poses, and the visitor's own, which stay in this browser.
// In scope: LIBRARY, LIMBS, NAMES, from component.py, and the shared files; from Gradio element.

const find = (selector) => element.querySelector(selector);

translate(element);

const SHELF = "vunet.poses"; // the key in localStorage

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

function poseCard(entry, forget) {
  const card = document.createElement("div"), take = button(thumbnail(entry.pose, LIMBS), null, () => pick(entry));
  card.className = "vu-card";
  take.title = entry.title;
  take.append(entry.title);
  card.append(take);
  if (!entry.own) return card;
  const remove = button("×", t("library.forget", entry.name), () => forget(entry));
  remove.className = "vu-forget";
  card.append(remove);
  return card;
}

function drawLibrary() {
  const query = find(".vu-search").value, own = readShelf();
  const forget = ({ name }) => {
    writeShelf(readShelf().filter((entry) => entry.name !== name));
    drawLibrary();
    const next = find(".vu-forget") || find(".vu-card button");
    if (next) next.focus();
    say(t("library.forgotten", name));
  };
  const ready = LIBRARY.map((entry) => ({ ...entry, title: t("pose." + entry.name) }));
  const mine = own.map((entry) => ({ ...entry, title: entry.name, kind: "own", own: true }));
  const shown = [...mine, ...ready].filter((entry) => matches(entry, query));
  find(".vu-poses").replaceChildren(...shown.map((entry) => poseCard(entry, forget)));
  find(".vu-none").hidden = shown.length > 0;
}

// Keeps a pose under a name that is still free.
function shelve(pose) {
  const entries = readShelf(), taken = new Set(entries.map((entry) => entry.name));
  let number = entries.length + 1;
  while (taken.has(t("library.mine", number))) number += 1;
  const name = t("library.mine", number);
  return writeShelf([{ name, pose }, ...entries]) ? name : null;
}

function say(text) {
  find(".vu-said").textContent = text;
}

const pick = ({ title, pose }) => tellStage(element, "pick", { title, pose });

find(".vu-search").addEventListener("input", drawLibrary);
find('[data-do="shelve"]').addEventListener("click", () => {
  const pose = poseOnStage(element);
  if (!pose) return;
  const name = shelve(pose);
  drawLibrary();
  say(window.storageBlocked || !name ? t("library.blocked") : t("library.kept", name));
});
drawLibrary();
if (window.storageBlocked) say(t("library.blocked"));
