// Fits the frame's height to the help center's content, and shows what the menu has opened. Without
// script the frame has a fixed height and scrolls.
"use strict";

const frame = document.getElementById("ocPage");

// The help center reports its height in CSS pixels. The contract adds this margin.
const margin = 70;

// Higher values are a mistake or an attack.
const tallest = 20000;

// The member may move on inside the frame, which this page can't see: the menu shows what it has
// opened last.
for (const link of document.querySelectorAll("#menu a")) {
  link.addEventListener("click", () => {
    document.querySelector("#menu [aria-current]")?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "page");
  });
}

// Shows in the header who has logged in inside the frame.
async function showMember() {
  const answer = await fetch(location.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const header = page.querySelector(".header");
  if (answer.ok && header) { // an error page says nothing about the member
    document.querySelector(".header").replaceWith(header);
  }
}

window.addEventListener("message", (event) => {
  // Any window can send a message here. Listen only to our frame, while it shows the help center or a
  // page of ours.
  const ours = event.origin === location.origin;
  if (event.source !== frame.contentWindow || (!ours && event.origin !== frame.dataset.origin)) {
    return;
  }
  if (ours && event.data === "login") {
    showMember();
    return;
  }
  // A number, or its digits as text. A zoomed page reports fractions.
  const sent = ["number", "string"].includes(typeof event.data) ? String(event.data) : "";
  const height = /^\d+(\.\d+)?$/.test(sent) ? Math.ceil(Number(sent)) : 0;
  if (height >= 1 && height <= tallest) {
    frame.style.height = `${height + margin}px`;
  }
});
