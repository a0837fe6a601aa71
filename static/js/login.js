// Shows and hides the password, and sends the form without leaving the page, so that nothing typed is
// lost when the password is wrong or the server can't be reached. Without script the browser sends the
// form, and the button beside the password is hidden.
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

// Hiding the error first makes screen readers announce the next one, even if it is the same.
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

// Shows the error of the page that came as the answer, and focuses the same field.
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
  field.select(); // typing replaces the wrong text
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
    // Script can't see the redirect's target. It is the handoff, at the form's URL. Replace this page in
    // the history, so that Back does not start another handoff.
    const query = new URLSearchParams();
    if (form.elements.returnUrl) {
      query.set("returnUrl", form.elements.returnUrl.value);
    }
    query.set("loggedIn", "1"); // as in the server's redirect
    location.replace(`${form.action}?${query}`);
  } else if (focused) {
    sayAsIn(page, focused);
  } else if (answer.status > 500) {
    say(error.dataset.unreachable); // a proxy answers for a server that is down
  } else {
    underWay = false;
    form.submit(); // let the browser show the answer
  }
}

reveal.addEventListener("click", () => show(password.type === "password"));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!underWay) {
    underWay = true;
    show(false); // browsers remember and suggest the values of text fields
    forgetError();
    send();
  }
});

reveal.hidden = false;
