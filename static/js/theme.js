/* The theme button: dark, light, as the system. */

import { text } from "./texts.js";

const NEXT = { dark: "light", light: "system", system: "dark" };

function apply(button, theme) {
  document.documentElement.dataset.theme = theme;
  button.setAttribute("aria-label", text(`theme_${theme}`));
  button.title = text(`theme_${theme}`);
  for (const icon of button.querySelectorAll("[data-theme-icon]")) icon.hidden = icon.dataset.themeIcon !== theme;
}

/** Hook up the button in the header. */
export function start() {
  const button = document.querySelector("[data-theme-button]");
  if (!button) return;
  apply(button, document.documentElement.dataset.theme || "dark");
  button.addEventListener("click", () => {
    const theme = NEXT[document.documentElement.dataset.theme] ?? "dark";
    apply(button, theme);
    try {
      localStorage.setItem("hunter.theme", theme);
    } catch {
      /* Storage may be forbidden; the choice then lasts for this page. */
    }
  });
}
