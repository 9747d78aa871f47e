// Sorts and filters the table of all units. Without it the table stands as it is.

function column(table: HTMLTableElement, at: number, up: boolean): void {
  const body = table.tBodies[0];
  if (!body) return;
  const key = (row: HTMLTableRowElement): string => row.cells[at]?.dataset.s ?? "";
  const rows = [...body.rows];
  const numeric = rows.every((row) => key(row) === "" || !Number.isNaN(Number(key(row))));
  rows.sort((a, b) => {
    const x = key(a), y = key(b);
    if (x === "" || y === "") return x === y ? 0 : x === "" ? 1 : -1; // what was not measured stays last
    const order = numeric ? Number(x) - Number(y) : x.localeCompare(y);
    return up ? order : -order;
  });
  body.append(...rows);
}

function sortable(table: HTMLTableElement): void {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const first = at < 3 ? "ascending" : "descending"; // figures: the largest first
      const before = head.getAttribute("aria-sort");
      const now = before === null ? first : before === "ascending" ? "descending" : "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", now);
      column(table, at, now === "ascending");
    });
  });
}

export function atlas(bar: HTMLElement | null, table: HTMLTableElement | null): void {
  if (!bar || !table) return;
  sortable(table);
  const search = bar.querySelector("input");
  const selects = [...bar.querySelectorAll("select")];
  const output = bar.querySelector("output");
  const rows = [...(table.tBodies[0]?.rows ?? [])];
  const filter = (): void => {
    const words = (search?.value ?? "").toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const fits =
        (row.textContent ?? "").toLowerCase().includes(words) &&
        selects.every((s) => s.value === "" || row.getAttribute(`data-${s.dataset.key}`) === s.value);
      row.hidden = !fits;
      if (fits) shown++;
    }
    if (output) output.textContent = (bar.dataset.count ?? "").replace("%1", String(shown)).replace("%2", String(rows.length));
  };
  search?.addEventListener("input", filter);
  for (const s of selects) s.addEventListener("change", filter);
  bar.hidden = false;
  filter();
}
