// Five steps, each beside what it speaks of.

import { drawIcons } from "../browser/icons.js";
import { Panel } from "../browser/panel.js";
import { t, translate } from "../browser/words.js";

const TOURED = "vunet.toured"; // the key in localStorage

// steps: [[name of its words, selector of what it points at], ...]
export const start = ({ element }, { steps }) => new Tour(element, steps).openOnce();

class Tour extends Panel {
  constructor(element, steps) {
    super(element);
    Object.assign(this, { steps, at: -1 }); // at: the step that is shown, -1 for none
    this.page = element.closest(".gradio-container") || document;
    translate(element);
    drawIcons(element);
    this.tool("open").addEventListener("click", () => {
      this.show(0);
      this.tool("next").focus();
    });
    this.tool("next").addEventListener("click", () => this.show(this.at + 1));
    this.tool("skip").addEventListener("click", () => this.close());
    document.addEventListener("keydown", ({ key }) => key === "Escape" && this.at >= 0 && this.close());
  }
  show(step) {
    if (step >= this.steps.length) return this.close();
    this.at = step;
    this.find(".vu-step").hidden = false;
    const [name, selector] = this.steps[step];
    this.find(".vu-words").textContent = t("tour." + name);
    this.find(".vu-count").textContent = step + 1 + " / " + this.steps.length;
    this.tool("next").textContent = t(step + 1 < this.steps.length ? "tour.next" : "tour.done");
    this.outline(selector);
  }
  outline(selector) {
    for (const node of this.page.querySelectorAll(".vu-pointed-at")) node.classList.remove("vu-pointed-at");
    const node = selector && this.page.querySelector(selector);
    if (!node) return;
    node.classList.add("vu-pointed-at");
    node.scrollIntoView({ block: "nearest" });
  }
  close() {
    if (this.element.contains(document.activeElement)) this.tool("open").focus(); // else focus is lost with the card
    this.at = -1;
    this.find(".vu-step").hidden = true;
    this.outline(null);
    localStorage.setItem(TOURED, "1");
  }
  // Not before there is something to see, and not over a greeting.
  openOnce() {
    const seen = () => localStorage.getItem(TOURED) !== null;
    if (seen()) return;
    if (!this.page.querySelector("[data-painted]")) return void setTimeout(() => this.openOnce(), 500);
    setTimeout(() => this.at < 0 && !seen() && this.show(0), 3500);
  }
}
