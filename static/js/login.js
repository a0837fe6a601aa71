// Makes the button beside the password show and hide it. The button is hidden until this script runs, since it does
// nothing alone.
"use strict";

const password = document.getElementById("password");
const reveal = document.getElementById("reveal");

function show(visible) {
  password.type = visible ? "text" : "password";
  reveal.setAttribute("aria-pressed", String(visible));
}

reveal.addEventListener("click", () => show(password.type === "password"));

// Hidden again before it is sent: browsers keep what was typed into text fields, and offer it later to whoever asks.
password.form.addEventListener("submit", () => show(false));

reveal.hidden = false;
