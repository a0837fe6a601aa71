// Makes the buttons work that copy a value.
"use strict";

// The clipboard works over https and on localhost. Elsewhere a click on a value selects it.
if (navigator.clipboard) {
  const status = document.getElementById("copied");
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    const label = button.firstElementChild;
    const usual = label.textContent;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.value);
      label.textContent = button.dataset.done;
      status.textContent = `${button.dataset.done}: ${button.dataset.value}`; // for screen readers
      setTimeout(() => (label.textContent = usual), 3000);
    });
  }
}
