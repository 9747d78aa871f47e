// Shows the activation of the letter under the pointer, or of the one the arrow keys have reached.

function written(list: string): string {
  return list
    .split("/")
    .map((v) => (v === "-" ? "–" : (Number(v) / 100).toFixed(2).replace("-", "−")))
    .join(" / ");
}

function sign(letter: Element): string {
  const text = letter.textContent ?? "";
  return text === " " ? "·" : text === "\t" ? "⇥" : text;
}

export function readout(box: HTMLElement | null): void {
  if (!box) return;
  let here: Element | null = null;

  const show = (text: HTMLElement, letter: Element | null): void => {
    here?.classList.remove("here");
    here = letter;
    if (!letter) {
      box.hidden = true;
      return;
    }
    letter.classList.add("here");
    const at = Array.prototype.indexOf.call(text.children, letter);
    const value = (text.dataset.v ?? "").split(" ")[at] ?? "-";
    box.textContent = `${sign(letter)}  ${written(value)}`;
    box.hidden = false;
  };

  for (const text of document.querySelectorAll<HTMLElement>(".letters")) {
    text.addEventListener("pointerover", (e) => {
      const letter = e.target as Element;
      if (letter.parentElement === text) show(text, letter);
    });
    text.addEventListener("pointerleave", () => show(text, null));
    text.addEventListener("blur", () => show(text, null));
    text.addEventListener("keydown", (e) => {
      const step = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
      if (step === 0) return;
      e.preventDefault();
      const at = here ? Array.prototype.indexOf.call(text.children, here) : -1;
      const next = Math.min(text.children.length - 1, Math.max(0, at + step));
      show(text, text.children[next] ?? null);
    });
  }
}
