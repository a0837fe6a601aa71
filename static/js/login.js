// Makes the button beside the password show and hide it, and keeps what was typed while there is no network to send it over. The
// button is hidden until this script runs, since it does nothing alone.
"use strict";

const password = document.getElementById("password");
const reveal = document.getElementById("reveal");
const offline = document.getElementById("offline");

function show(visible) {
  password.type = visible ? "text" : "password";
  reveal.setAttribute("aria-pressed", String(visible));
}

reveal.addEventListener("click", () => show(password.type === "password"));

password.form.addEventListener("submit", (event) => {
  // The browser's own page would take this one's place, and the password with it. Browsers can be wrong about the network,
  // so whoever insists goes on.
  if (!navigator.onLine && offline.hidden) {
    event.preventDefault();
    offline.hidden = false;
    return;
  }
  // Hidden again before it is sent: browsers keep what was typed into text fields, and offer it later to whoever asks.
  show(false);
});

window.addEventListener("online", () => {
  offline.hidden = true;
});

reveal.hidden = false;
