"use strict";

// Tells the customer's page the height of the content, so that it can size the frame. The viewport
// can't be used: it is as high as the frame, so the frame would never shrink.
(() => {
  if (parent === window) {
    return;
  }
  const page = document.getElementById("page");
  let last = 0;
  new ResizeObserver(() => {
    const height = Math.ceil(page.getBoundingClientRect().height);
    if (height !== last) {
      last = height;
      parent.postMessage(height, "*"); // the contract names no origin, and a height is not secret
    }
  }).observe(page);
})();
