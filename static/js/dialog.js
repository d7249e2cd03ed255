/* Dialogs: any button with data-dialog-open="id" opens <dialog id>; data-dialog-close, Escape and a click outside close it. */

/** Open the dialog of that id, unless it is open. */
export function open(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
}

/** Hook up every dialog of the page. */
export function start() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog-open]");
    if (opener) open(opener.dataset.dialogOpen);
    const closer = event.target.closest("[data-dialog-close]");
    if (closer) closer.closest("dialog").close();
    if (event.target instanceof HTMLDialogElement) event.target.close();
  });
}
