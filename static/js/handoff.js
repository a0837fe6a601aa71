// Submits the form that carries the member to the help center. A form and not fetch, because the help center's cookie
// has to land in the browser. The page has a button for when this script does not run.
"use strict";

// Deferred, so the form is there, but the page has not finished loading: a form submitted before that replaces this
// page in the history, and Back does not lead into another handoff.
document.getElementById("handoff").submit();
