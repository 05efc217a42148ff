
"use strict";
(() => {
  const hint = document.body.dataset;
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v);
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), document.documentElement.lang, { numeric: true });
  for (const table of document.querySelectorAll("table.data")) {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      // A button inside would keep the heading from being repeated on each printed page.
      head.tabIndex = 0;
      head.title = hint.sort;
      const sort = () => {
        const before = head.getAttribute("aria-sort");
        // Numbers begin with the largest: that is what people look for.
        const down = before ? before === "ascending" : head.classList.contains("n");
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...body.rows].sort((a, b) => compare(value(a, column), value(b, column)) * (down ? -1 : 1));
        body.append(...rows);
      };
      head.addEventListener("click", sort);
      head.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        sort();
      });
    });
    if (table.dataset.filter !== undefined) {
      const input = document.createElement("input");
      input.type = "search";
      input.className = "filter";
      input.placeholder = hint.filter;
      input.setAttribute("aria-label", hint.filter);
      table.parentElement.before(input);
      input.addEventListener("input", () => {
        const wanted = input.value.trim().toLowerCase();
        for (const row of body.rows) row.hidden = wanted !== "" && !row.textContent.toLowerCase().includes(wanted);
      });
    }
  }
})();
