// Carries what the server says to the editor in the same stage, once that is there.

export function start({ element, props, watch }) {
  const stage = element.closest(".vu-stage");
  const tell = () => props.value && stage.dispatchEvent(new CustomEvent("vu-feed", { detail: props.value }));
  watch("value", () => {
    if ("ready" in stage.dataset) tell();
    else stage.addEventListener("vu-ready", tell, { once: true });
  });
}
