// Carries what the server says to the editor in the same stage.
watch("value", () => {
  const stage = element.closest(".vu-stage");
  if (stage && props.value) stage.dispatchEvent(new CustomEvent("vu-feed", { detail: props.value }));
});
