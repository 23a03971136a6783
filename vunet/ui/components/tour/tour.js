// Five steps, each beside what it speaks of. In scope: STEPS, from component.py, and the shared files; from Gradio element.

const TOURED = "vunet.toured"; // the key in localStorage
const find = (selector) => element.querySelector(selector);
const page = element.closest(".gradio-container") || document;

translate(element);
drawIcons(element);

let at = -1; // the step that is shown, -1 for none

function outline(selector) {
  for (const node of page.querySelectorAll(".vu-pointed-at")) node.classList.remove("vu-pointed-at");
  const node = selector && page.querySelector(selector);
  if (!node) return;
  node.classList.add("vu-pointed-at");
  node.scrollIntoView({ block: "nearest" });
}

function show(step) {
  at = step < STEPS.length ? step : -1;
  find(".vu-step").hidden = at < 0;
  if (at < 0) return close();
  const [name, selector] = STEPS[at];
  find(".vu-words").textContent = t("tour." + name);
  find(".vu-count").textContent = at + 1 + " / " + STEPS.length;
  find('[data-do="next"]').textContent = t(at + 1 < STEPS.length ? "tour.next" : "tour.done");
  outline(selector);
}

function close() {
  if (element.contains(document.activeElement)) find('[data-do="open"]').focus(); // else focus is lost with the card
  at = -1;
  find(".vu-step").hidden = true;
  outline(null);
  localStorage.setItem(TOURED, "1");
}

find('[data-do="open"]').addEventListener("click", () => {
  show(0);
  find('[data-do="next"]').focus();
});
find('[data-do="next"]').addEventListener("click", () => show(at + 1));
find('[data-do="skip"]').addEventListener("click", close);
document.addEventListener("keydown", ({ key }) => key === "Escape" && at >= 0 && close());

// Not before there is something to see, and not over a greeting.
function openOnce() {
  if (localStorage.getItem(TOURED) !== null) return;
  if (!page.querySelector("[data-painted]")) return void setTimeout(openOnce, 500);
  setTimeout(() => at < 0 && localStorage.getItem(TOURED) === null && show(0), 3500);
}

openOnce();
