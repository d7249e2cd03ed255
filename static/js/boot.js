/* Runs before the first paint: the chosen theme, and the mark that scripts work. */
(function () {
  var root = document.documentElement;
  root.classList.add("js");
  try {
    var theme = localStorage.getItem("hunter.theme");
    if (theme === "light" || theme === "system" || theme === "dark") root.dataset.theme = theme;
  } catch (error) {
    /* Storage may be forbidden; dark stays. */
  }
})();
