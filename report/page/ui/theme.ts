// The theme follows the system until the reader chooses; the choice is kept where the browser allows it.

const key = "rnnscope-theme";
type Theme = "light" | "dark";

function stored(): Theme | null {
  try {
    const value = localStorage.getItem(key);
    return value === "light" || value === "dark" ? value : null;
  } catch {
    return null; // a page opened from disk may have no storage
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(key, theme);
  } catch {
    // the choice then lasts as long as the page
  }
}

export function theme(root: HTMLElement, button: HTMLButtonElement | null): void {
  const first = stored();
  if (first) root.dataset.theme = first;
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    const next: Theme = dark ? "light" : "dark";
    root.dataset.theme = next;
    remember(next);
  });
}
