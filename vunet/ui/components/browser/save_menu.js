// The menu *Save* closes as menus do: after a choice, at a click elsewhere, with Escape.
const saveMenu = () => document.querySelector("#save-menu");

function closeSaveMenu() {
  if (!saveMenu()?.querySelector("#save-png")?.offsetParent) return;
  const toggle = saveMenu().querySelector(".label-wrap");
  if (saveMenu().contains(document.activeElement)) toggle.focus();
  toggle.click();
}

document.addEventListener("click", ({ target }) => {
  const inside = target.closest?.("#save-menu"), entry = target.closest?.("#save-menu [data-testid] button");
  if (!inside || entry) setTimeout(closeSaveMenu);
});

document.addEventListener("keydown", ({ key }) => key === "Escape" && closeSaveMenu());
