// What components with tools have in common: their nodes, and buttons that are named by data-do.

export class Panel {
  constructor(element) {
    this.element = element;
  }
  find(selector) {
    return this.element.querySelector(selector);
  }
  tool(name) {
    return this.find('[data-do="' + name + '"]');
  }
  // actions: {name of a button in the bar of tools: what a press does}.
  onPress(actions) {
    this.find(".vu-tools").addEventListener("click", ({ target }) => {
      const pressed = target.closest("[data-do]");
      if (pressed && !pressed.disabled) actions[pressed.dataset.do]();
    });
  }
}
