// A slider over the samples. Without it the cards scroll by themselves.

export function timeline(root: HTMLElement | null): void {
  const track = root?.querySelector<HTMLElement>(".cards");
  const cards = [...(root?.querySelectorAll<HTMLElement>(".card") ?? [])];
  if (!root || !track || cards.length < 2) return;

  const bar = document.createElement("label");
  bar.className = "slider";
  const input = document.createElement("input");
  input.type = "range";
  input.min = "0";
  input.max = String(cards.length - 1);
  input.value = "0";
  const output = document.createElement("output");
  bar.append(output, input);
  root.prepend(bar);

  const name = (i: number): string => cards[i]?.querySelector("h3")?.textContent ?? "";
  const mark = (i: number): void => {
    cards.forEach((card, k) => card.toggleAttribute("aria-current", k === i));
    output.textContent = name(i);
    input.setAttribute("aria-valuetext", name(i));
  };
  input.addEventListener("input", () => {
    const i = Number(input.value);
    track.scrollTo({ left: (cards[i]?.offsetLeft ?? 0) - track.offsetLeft, behavior: "auto" });
    mark(i);
  });
  track.addEventListener("scroll", () => {
    if (document.activeElement === input) return;
    const end = track.scrollLeft + track.clientWidth >= track.scrollWidth - 2;
    const near = cards.findIndex((c) => c.offsetLeft - track.offsetLeft + c.offsetWidth / 2 >= track.scrollLeft);
    const i = end ? cards.length - 1 : Math.max(0, near);
    input.value = String(i);
    mark(i);
  }, { passive: true });
  mark(0);
}
