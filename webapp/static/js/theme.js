// The theme switch: follows the system until the reader chooses otherwise. The choice is a cookie,
// so that the server writes it on <html> and no page appears in the wrong colors first.

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const button = document.querySelector("[data-theme-switch]");

const current = () => root.dataset.theme || (system.matches ? "dark" : "light");

function keep(theme) {
  const follows = theme === (system.matches ? "dark" : "light");
  if (follows) delete root.dataset.theme;
  else root.dataset.theme = theme;
  const age = follows ? 0 : 365 * 24 * 3600;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${theme}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
}

function show() {
  button.setAttribute("aria-pressed", String(current() === "dark"));
}

if (button) {
  button.hidden = false;
  show();
  button.addEventListener("click", () => {
    keep(current() === "dark" ? "light" : "dark");
    show();
  });
  system.addEventListener("change", show);
}
