/* A hint, on phones, that the site can be installed. Whoever closes it never sees it again. */

const KEY = "hunter.install";

function isClosed() {
  try {
    return localStorage.getItem(KEY) === "no";
  } catch {
    return true; // it could not remember
  }
}

function close(hint) {
  hint.hidden = true;
  localStorage.setItem(KEY, "no");
}

/** Hook up the hint of the page, where there is one. */
export function start() {
  const hint = document.querySelector("[data-install]");
  const phone = matchMedia("(max-width: 52rem) and (pointer: coarse) and (display-mode: browser)").matches;
  if (!hint || !phone || isClosed()) return;
  const button = hint.querySelector("[data-install-now]");
  hint.querySelector("[data-install-close]").addEventListener("click", () => close(hint));
  window.addEventListener("appinstalled", () => close(hint));
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    hint.hidden = false;
    button.hidden = false;
    button.onclick = async () => {
      await event.prompt();
      close(hint);
    };
  });
  if (navigator.standalone === false) {
    /* iPhones tell nobody; there the person does it. */
    hint.querySelector("[data-install-by-hand]").hidden = false;
    hint.hidden = false;
  }
}
