// Copies the values for the console, and says that the checks are running.
"use strict";

const copied = document.getElementById("copied");

// Browsers have a clipboard for pages over https and for those of this machine. Elsewhere a click on a value selects it.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.value);
      copied.textContent = button.dataset.done;
    });
  }
}

const form = document.getElementById("run");
const running = document.getElementById("running");

function run(under) {
  form.querySelector(".button").disabled = under;
  running.textContent = under ? running.dataset.text : "";
}

// A second run would be refused while the first one is under way.
form.addEventListener("submit", () => run(true));

// Back in the history, the page may be as it was left.
window.addEventListener("pageshow", () => run(false));
