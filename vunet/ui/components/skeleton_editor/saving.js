// What leaves the stage for other programs: a picture, a file, a link.

import { t } from "../browser/words.js";

// Browsers take only PNG. say: (text, bad).
export async function copyPicture(picture, say) {
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [picture.naturalWidth, picture.naturalHeight];
  sheet.getContext("2d").drawImage(picture, 0, 0);
  const png = new Promise((done) => sheet.toBlob(done, "image/png"));
  const copied = () => say(t("copy.done")), refused = () => say(t("copy.refused"), true);
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": png })]).then(copied, refused);
  } catch {
    refused(); // no clipboard: an old browser, or a page without https
  }
}

export function copyLink({ copy, outfit }, say) {
  const link = location.origin + location.pathname + "#" + copy;
  const copied = () => say(t(outfit ? "link.copied" : "link.pose")), refused = () => window.prompt(t("link.here"), link);
  navigator.clipboard ? navigator.clipboard.writeText(link).then(copied, refused) : refused();
}

export function save({ download, src }, say) {
  const link = document.createElement("a");
  Object.assign(link, { download, href: src });
  link.click();
  say(t("saved", download));
}
