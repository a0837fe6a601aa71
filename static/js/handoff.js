// Submits the form that hands the member off to the help center. It is a form and not fetch, because
// the browser has to store the help center's cookie. Without script the page has a button.
"use strict";

// This script is deferred: the form exists, but the page has not finished loading. A form submitted
// before that replaces the page in the history, so Back does not start another handoff.
document.getElementById("handoff").submit();
