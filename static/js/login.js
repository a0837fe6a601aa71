// Sends the login form without leaving the page, so that nothing typed is lost when the password is
// wrong or the server can't be reached, and helps to type: it shows the password, warns of Caps
// Lock and says what is empty. Without script the browser sends the form.
"use strict";

const form = document.getElementById("login");
const error = document.getElementById("error");
const reveal = document.getElementById("reveal");
const capsLock = document.getElementById("capslock");
const button = form.querySelector(".button");
const { usercode, password } = form.elements;
const fields = [usercode, password];
const title = document.title;
const label = button.textContent;
let sending = 0; // the timer that tells the member, while a request is under way

function show(visible) {
  password.type = visible ? "text" : "password";
  reveal.setAttribute("aria-pressed", String(visible));
}

function idle() {
  clearTimeout(sending);
  sending = 0;
  button.removeAttribute("aria-busy");
  button.textContent = label;
}

function busy() {
  sending = setTimeout(() => {
    button.setAttribute("aria-busy", "true");
    button.textContent = form.dataset.busy;
  }, 300);
}

const messageOf = (field) => document.getElementById(`${field.id}-error`);

// Hiding the error first makes screen readers announce the next one, even if it is the same.
function forgetErrors() {
  error.hidden = true;
  for (const field of fields) {
    messageOf(field).hidden = true;
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}

function failed() {
  idle();
  document.title = title.startsWith(form.dataset.error) ? title : `${form.dataset.error}: ${title}`;
}

function say(text) {
  error.textContent = text;
  error.hidden = false;
  failed();
}

// Says beside each empty field that it is empty.
function sayEmpty(empty) {
  for (const field of empty) {
    messageOf(field).hidden = false;
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", messageOf(field).id);
  }
  empty[0].focus();
  failed();
}

// Shows the errors of the page that came as the answer, and focuses the same field.
function sayAsIn(page) {
  for (const field of fields) {
    messageOf(field).hidden = page.getElementById(messageOf(field).id).hidden;
    for (const { name, value } of page.getElementById(field.id).attributes) {
      if (name.startsWith("aria-")) {
        field.setAttribute(name, value);
      }
    }
  }
  const text = page.getElementById("error").textContent;
  if (text) {
    say(text);
  }
  failed();
  const field = document.getElementById(page.querySelector("#login [autofocus]")?.id ?? "password");
  field.focus();
  field.select(); // typing replaces the wrong text
}

// Script can't see where a redirect leads, and something in front of the server may redirect, too.
async function isLoggedIn(signal) {
  const answer = await fetch(form.dataset.status, { signal });
  const state = await answer.json().catch(() => null);
  return state?.login === "true";
}

// Goes on to the handoff, which is at the form's URL. It takes this page's place in the history, so
// that Back does not start another handoff.
function goOn() {
  if (window.parent !== window) {
    window.parent.postMessage("login", "*"); // the help page around this frame shows the member
  }
  const query = new URLSearchParams();
  if (form.elements.returnUrl) {
    query.set("returnUrl", form.elements.returnUrl.value);
  }
  query.set("loggedIn", "1"); // as in the server's redirect
  location.replace(`${form.action}?${query}`);
}

// Where script can't tell what has happened, the browser sends the form and shows the answer.
async function send() {
  const signal = AbortSignal.timeout(20_000);
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual", signal });
    if (answer.type === "opaqueredirect") {
      return (await isLoggedIn(signal)) ? goOn() : form.submit();
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page.querySelector("#login [aria-describedby]")) {
      sayAsIn(page);
    } else if (answer.status > 500) {
      say(error.dataset.unreachable); // a proxy answers for a server that is down
    } else {
      form.submit();
    }
  } catch {
    if (signal.aborted) { // WebKit's fetch doesn't give the reason
      form.submit();
    } else {
      say(error.dataset.unreachable);
    }
  }
}

form.noValidate = true;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (sending) {
    return;
  }
  forgetErrors();
  const empty = fields.filter((field) => field.value === "");
  if (empty.length > 0) {
    sayEmpty(empty);
  } else {
    show(false); // browsers remember and suggest the values of text fields
    busy();
    send();
  }
});

// The focus, the caret and a phone's keyboard stay where they are.
reveal.addEventListener("mousedown", (event) => event.preventDefault());
reveal.addEventListener("click", () => {
  const { selectionStart, selectionEnd } = password;
  show(password.type === "password");
  if (document.activeElement === password) {
    password.setSelectionRange(selectionStart, selectionEnd);
  }
});
reveal.hidden = false;

for (const type of ["keydown", "keyup", "mousedown"]) {
  password.addEventListener(type, (event) => {
    capsLock.hidden = !event.getModifierState?.("CapsLock"); // a password manager's events have none
  });
}
password.addEventListener("blur", () => (capsLock.hidden = true));

window.addEventListener("pageshow", idle); // Back may show this page as it was left
