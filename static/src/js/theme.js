// Light, dark, or as the system: kept in a cookie, so that the server writes the right theme from the first byte.

const THEMES = { light: "ligne", dark: "ligne-dark" };
const YEAR_S = 31536000;

function show() {
  const shown = document.documentElement.dataset.theme;
  const chosen = Object.keys(THEMES).find((key) => THEMES[key] === shown) ?? "auto";
  for (const button of document.querySelectorAll("[data-theme-set]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeSet === chosen));
  }
}

document.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-theme-set]")?.dataset.themeSet;
  if (!chosen) return;
  const secure = location.protocol === "https:" ? "; secure" : "";
  if (THEMES[chosen]) {
    document.documentElement.dataset.theme = THEMES[chosen];
    document.cookie = `theme=${chosen}; path=/; max-age=${YEAR_S}; samesite=lax${secure}`;
  } else {
    delete document.documentElement.dataset.theme;
    document.cookie = `theme=; path=/; max-age=0; samesite=lax${secure}`;
  }
  const scheme = document.querySelector("meta[name=color-scheme]");
  if (scheme) scheme.content = THEMES[chosen] ? chosen : "light dark";
  show();
});

show();
