"use strict";

// Tells the customer's page how high the content is, so that it can size the frame. The content is measured, not the
// viewport: the viewport is as high as the frame, and would never let it shrink.
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
      parent.postMessage(height, "*"); // the contract names no origin, and a height is no secret
    }
  }).observe(page);
})();
