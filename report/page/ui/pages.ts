// The style sheet shows the unit page that the address names. Here it gets the focus and the window its name.

export function pages(): void {
  const title = document.title;
  const turn = (): void => {
    const page = location.hash ? document.getElementById(location.hash.slice(1)) : null;
    if (!page?.classList.contains("page")) {
      document.title = title;
      return;
    }
    const head = page.querySelector("h2");
    document.title = `${head?.querySelector("code")?.textContent ?? ""} · ${title}`;
    window.scrollTo({ top: 0, behavior: "instant" });
    head?.focus({ preventScroll: true });
  };
  addEventListener("hashchange", turn);
  turn();
}
