// Copies the values for the console, and says that the checks are running.
"use strict";

const copied = document.getElementById("copied");

// The clipboard works over https and on localhost. Elsewhere a click on a value selects it.
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

// The server refuses a second run while the first one is running.
form.addEventListener("submit", () => run(true));

// The browser may restore this page from its cache.
window.addEventListener("pageshow", () => run(false));
