// Names the field in which the editor of SQL takes what is typed: it says nothing of itself.
"use strict";

function nameEditors() {
  for (const field of document.querySelectorAll(".CodeMirror textarea")) {
    field.setAttribute("aria-label", "SQL");
  }
}

// Datasette makes the editor in a handler of the same event.
addEventListener("load", () => setTimeout(nameEditors));
