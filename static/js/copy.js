// Makes the buttons that copy a value work. The clipboard needs https or localhost; elsewhere, and
// without script, there is no button and one selects the value.
"use strict";

if (navigator.clipboard) {
  for (const button of document.querySelectorAll(".copy")) {
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.value);
      button.textContent = button.dataset.done;
      setTimeout(() => (button.textContent = label), 2000);
    });
  }
}
