/* The guide's switch between light and dark is for the explorers in its frames too.

   A browser that opened the guide from a folder keeps its pages apart: `contentDocument`
   is null then, and a frame goes by the colors of the system, and by its own switch. */

"use strict";

const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)");

function guideIsDark() {
  const theme = document.body.dataset.theme;
  return theme === "dark" || (theme !== "light" && systemIsDark.matches);
}

function handOn(frame) {
  const button = frame.contentDocument?.getElementById("theme");
  // The button says what it changes to.
  if (button?.textContent === (guideIsDark() ? "Dark" : "Light")) button.click();
}

function handOnToAll() {
  document.querySelectorAll("iframe.explorer").forEach(handOn);
}

document.addEventListener("DOMContentLoaded", () => {
  for (const frame of document.querySelectorAll("iframe.explorer")) {
    frame.addEventListener("load", () => handOn(frame));
  }
  handOnToAll();
  const options = { attributes: true, attributeFilter: ["data-theme"] };
  new MutationObserver(handOnToAll).observe(document.body, options);
});
