
"use strict";
(() => {
  // Printed pages show every reason.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((details) => { details.open = false; }));
  for (const tools of document.querySelectorAll(".tools")) {
    tools.hidden = false;
    const cards = [...tools.parentElement.querySelectorAll(".finding")];
    const input = tools.querySelector("input");
    const all = tools.querySelector("button");
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      for (const card of cards) card.hidden = wanted !== "" && !card.textContent.toLowerCase().includes(wanted);
    });
    all.addEventListener("click", () => {
      const open = all.getAttribute("aria-pressed") !== "true";
      all.setAttribute("aria-pressed", String(open));
      for (const card of cards) for (const details of card.querySelectorAll("details")) details.open = open;
    });
  }
})();
