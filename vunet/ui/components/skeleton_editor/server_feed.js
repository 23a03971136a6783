// Carries what the server says to the editor in the same stage, once that is there.

export function start({ element, props, watch }) {
  const stage = element.closest(".vu-stage"), early = [];
  if (!stage) return;
  const tell = (message) => stage.dispatchEvent(new CustomEvent("vu-feed", { detail: message }));
  const hear = () => {
    if (!props.value) return;
    if ("ready" in stage.dataset) tell(props.value);
    else early.push(props.value);
  };
  stage.addEventListener("vu-ready", () => early.splice(0).forEach(tell), { once: true });
  watch("value", hear);
  if (!props.value?.download) hear(); // what came before this script did
}
