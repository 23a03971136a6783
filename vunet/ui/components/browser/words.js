// The visitor's language. WORDS is {language: {key: text}}, from texts.json; "{}" in a text stands for a value.

import { WORDS } from "../facts.js";

export const LANGUAGE = navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";

export function t(key, ...values) {
  return values.reduce((text, value) => text.replace("{}", value), WORDS[LANGUAGE][key] || key);
}

// Fills a static template: data-t is what a node says, data-title its hint, data-label its name for a screen reader,
// data-alt what a picture shows, data-hint what an empty field asks for.
export function translate(root) {
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-title]")) node.title = t(node.dataset.title);
  for (const node of root.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
  for (const node of root.querySelectorAll("[data-alt]")) node.alt = t(node.dataset.alt);
  for (const node of root.querySelectorAll("[data-hint]")) node.placeholder = t(node.dataset.hint);
}
