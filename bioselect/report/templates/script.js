// Sorting, filtering and folding of tables; which section is being read. Without it all is shown.
"use strict";
(() => {
  const valueOf = (row, column) => {
    const cell = row.cells[column];
    const given = cell.dataset.sort ?? cell.textContent.trim();
    const number = Number(given);
    return given !== "" && Number.isFinite(number) ? number : given;
  };
  const compared = (first, second) => {
    if (first === "" || second === "") return first === second ? 0 : first === "" ? 1 : -1;
    if (typeof first === "number" && typeof second === "number") return first - second;
    return String(first).localeCompare(String(second), undefined, { numeric: true });
  };

  for (const box of document.querySelectorAll(".table")) {
    const table = box.querySelector("table");
    const body = table.tBodies[0];
    const rows = Array.from(body.rows);
    if (rows.length < 2) continue;
    const nShown = Number(box.dataset.shown);
    let all = rows.length <= nShown;
    let wanted = "";

    const show = () => {
      let n = 0;
      for (const row of body.rows) {
        const fits = row.textContent.toLowerCase().includes(wanted);
        row.hidden = !fits || (!all && wanted === "" && n >= nShown);
        if (fits) n += 1;
      }
      if (told) told.textContent = wanted === "" ? "" : `${n} of ${rows.length}`;
    };

    Array.from(table.tHead.rows[0].cells).forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = heading.textContent;
      heading.replaceChildren(button);
      button.addEventListener("click", () => {
        const up = heading.getAttribute("aria-sort") !== "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", up ? "ascending" : "descending");
        const sorted = Array.from(body.rows).sort((first, second) => {
          const [a, b] = [valueOf(first, column), valueOf(second, column)];
          return a === "" || b === "" || up ? compared(a, b) : compared(b, a);
        });
        body.append(...sorted);
        show();
      });
    });

    let told = null;
    if (rows.length > nShown) {
      const tools = document.createElement("div");
      tools.className = "tools";
      const label = document.createElement("label");
      label.textContent = "Filter: ";
      const input = document.createElement("input");
      input.type = "search";
      label.append(input);
      told = document.createElement("span");
      told.setAttribute("role", "status");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = `Show all ${rows.length} rows`;
      button.setAttribute("aria-expanded", "false");
      button.addEventListener("click", () => {
        all = !all;
        button.textContent = all ? "Show fewer rows" : `Show all ${rows.length} rows`;
        button.setAttribute("aria-expanded", String(all));
        show();
      });
      input.addEventListener("input", () => {
        wanted = input.value.trim().toLowerCase();
        show();
      });
      tools.append(label, told, button);
      box.prepend(tools);
      show();
    }
  }

  addEventListener("beforeprint", () => {
    for (const folded of document.querySelectorAll("details")) folded.open = true;
  });

  const links = new Map(
    Array.from(document.querySelectorAll("nav a"), (link) => [link.hash.slice(1), link])
  );
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        for (const link of links.values()) link.removeAttribute("aria-current");
        links.get(entry.target.id)?.setAttribute("aria-current", "true");
      }
    },
    { rootMargin: "-10% 0px -80% 0px" }
  );
  for (const section of document.querySelectorAll("section")) seen.observe(section);
})();
