// Reports the page's height to the help page around this frame, as the help center does, so that no
// button is cut off.
"use strict";

if (window.parent !== window) {
  const content = document.getElementById("content");
  const report = () => {
    const bottom = content.getBoundingClientRect().bottom + window.scrollY;
    window.parent.postMessage(Math.max(1, Math.ceil(bottom)), "*"); // a height is no secret
  };
  new ResizeObserver(report).observe(content);
}
