// Copies the values for the console and the command of the check.
"use strict";

// The clipboard works over https and on localhost. Elsewhere a click on a value selects it.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.value);
      button.closest("section").querySelector(".copied").textContent = button.dataset.done;
    });
  }
}
