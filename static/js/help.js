// Fits the help center's frame to its content. Without this script the frame has a fixed height and scrolls.
"use strict";

const frame = document.getElementById("ocPage");

// The help center reports the height of its content in CSS pixels and asks for this much room below it.
const margin = 70;

// No page of the help center is longer. More would be a mistake, or an attempt to stretch the page without end.
const tallest = 20000;

window.addEventListener("message", (event) => {
  // Any window can send a message here. Only the document in our frame, while it is the help center's, is listened to.
  if (event.source !== frame.contentWindow || event.origin !== frame.dataset.origin) {
    return;
  }
  const height = event.data;
  if (Number.isInteger(height) && height >= 1 && height <= tallest) {
    frame.style.height = `${height + margin}px`;
  }
});
