"use strict";

// Asks the customer's site whether a member is logged in, reports the answer to the help center, and
// does what the help center decides.
(async () => {
  const page = document.getElementById("page");
  const notice = document.getElementById("status-notice");

  async function askCustomer() {
    const start = performance.now();
    const { statusUrl, statusHeaders, statusCredentials } = document.body.dataset;
    try {
      const response = await fetch(statusUrl, {
        credentials: statusCredentials,
        cache: "no-store",
        headers: JSON.parse(statusHeaders),
        signal: AbortSignal.timeout(10000),
      });
      return { status: response.status, body: (await response.text()).slice(0, 4096), error: "", milliseconds: Math.round(performance.now() - start) };
    } catch (error) {
      return { status: 0, body: "", error: String(error) };
    }
  }

  try {
    const report = await askCustomer();
    const response = await fetch("/status", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ page: location.pathname + location.search, ...report }),
    });
    const order = await response.json();
    if (order.location) {
      location.replace(order.location); // the page stays hidden, because its content may be wrong
      return;
    }
    notice.hidden = !order.notice;
  } catch {
    notice.hidden = false;
  }
  page.removeAttribute("aria-busy");
})();

// A page restored from the back-forward cache has not asked again.
addEventListener("pageshow", (event) => {
  if (event.persisted) {
    location.reload();
  }
});
