// Shows and hides the password, and sends the form without leaving the page, so that nothing typed is lost to a wrong password or to
// a server that can't be reached. Without this script the form is sent as any other, and the button beside the password is hidden.
"use strict";

const password = document.getElementById("password");
const reveal = document.getElementById("reveal");
const error = document.getElementById("error");
const form = password.form;
const fields = [form.elements.usercode, password];
let underWay = false;

function show(visible) {
  password.type = visible ? "text" : "password";
  reveal.setAttribute("aria-pressed", String(visible));
}

// A screen reader says the next error, even the same one, because this one was hidden in between.
function forgetError() {
  error.hidden = true;
  for (const field of fields) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}

function say(text) {
  error.textContent = text;
  error.hidden = false;
  underWay = false;
}

// Says what the form says that came as the answer, and puts the focus on the same field.
function sayAsIn(page, focused) {
  for (const field of fields) {
    for (const { name, value } of page.getElementById(field.id).attributes) {
      if (name.startsWith("aria-")) {
        field.setAttribute(name, value);
      }
    }
  }
  say(page.getElementById("error").textContent);
  const field = document.getElementById(focused.id);
  field.focus();
  field.select(); // what is typed next replaces the wrong text
}

async function send() {
  let answer, page;
  try {
    answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    say(error.dataset.unreachable);
    return;
  }
  const focused = page.querySelector("#error ~ .form [autofocus]");
  if (answer.type === "opaqueredirect") {
    if (window.parent !== window) {
      window.parent.postMessage("login", "*"); // the help page around this frame shows the member
    }
    // Script isn't shown where this leads: to the handoff, at the form's URL. Back from there must not lead into another one.
    const { returnUrl } = form.elements;
    location.replace(form.action + (returnUrl ? `?${new URLSearchParams({ returnUrl: returnUrl.value })}` : ""));
  } else if (focused) {
    sayAsIn(page, focused);
  } else if (answer.status > 500) {
    say(error.dataset.unreachable); // a proxy's answer, for a server that is gone
  } else {
    underWay = false;
    form.submit(); // for the browser to show whatever it is
  }
}

reveal.addEventListener("click", () => show(password.type === "password"));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!underWay) {
    underWay = true;
    show(false); // browsers keep what was typed into text fields, and offer it later to whoever asks
    forgetError();
    send();
  }
});

reveal.hidden = false;
