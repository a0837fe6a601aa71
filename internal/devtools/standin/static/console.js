"use strict";

// Keeps the list of calls fresh, filters while typing, and adds buttons that copy. Without it the
// page is a list with links and a form.
(() => {
  const main = document.querySelector("main[data-live]");

  // addButtons puts a button beside each text that can be copied.
  function addButtons(root) {
    for (const text of root.querySelectorAll(".copyable")) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text.dataset.copy;
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(text.querySelector("pre").textContent);
          button.textContent = text.dataset.copied;
        } catch {
          text.open = true; // to copy by hand
        }
      });
      text.before(button);
    }
  }
  addButtons(document);
  if (!main) {
    return;
  }

  // refresh replaces what the server knows better. The call that is shown stays if it was chosen.
  async function refresh(address) {
    const response = await fetch(address);
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const closed = new Set([...document.querySelectorAll(".visit:not([open]) a")].map((a) => a.pathname));
    const opened = new Set([...document.querySelectorAll(".visit[open] a")].map((a) => a.pathname));
    for (const visit of fresh.querySelectorAll(".visit")) {
      const first = visit.querySelector("a").pathname;
      visit.open = opened.has(first) || (visit.open && !closed.has(first));
    }
    const focused = document.activeElement?.closest("#visits a")?.getAttribute("href");
    document.title = fresh.title;
    for (const id of main.classList.contains("chosen") ? ["visits"] : ["visits", "detail"]) {
      const part = fresh.getElementById(id);
      if (part && part.innerHTML !== document.getElementById(id).innerHTML) {
        document.getElementById(id).replaceWith(part);
        if (id === "detail") {
          addButtons(part);
        }
      }
    }
    if (focused) {
      document.querySelector(`#visits a[href="${CSS.escape(focused)}"]`)?.focus();
    }
  }

  const form = document.querySelector(".filter");
  form.addEventListener("input", () => {
    const address = "/console?" + new URLSearchParams(new FormData(form));
    history.replaceState(null, "", address);
    main.classList.remove("chosen");
    refresh(address);
  });
  form.querySelector("button").hidden = true;

  const live = new EventSource(main.dataset.live);
  live.addEventListener("message", () => refresh(location.href));
  addEventListener("pagehide", () => live.close());
})();
