// How the page's other components speak with the editor, which listens on its stage: vu-ask for its pose, vu-show to show one,
// vu-pick to put one on it; vu-grab, which it says as well, when somebody takes hold.

export const stageOf = (element) => (element.closest(".gradio-container") || document).querySelector(".vu-stage");

export function tellStage(element, name, detail) {
  stageOf(element).dispatchEvent(new CustomEvent("vu-" + name, { detail }));
}

// own: as the photo shows the person. Null where there is nobody yet.
export function poseOnStage(element, own = false) {
  let pose = null;
  tellStage(element, "ask", { own, answer: (answer) => (pose = answer) });
  return pose;
}
