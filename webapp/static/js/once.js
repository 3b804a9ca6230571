// A form is sent once: its buttons are marked as soon as it is on its way, and a second press is
// swallowed. They are not disabled, because a disabled button would not be part of what is sent.
// A form is let go again when the page comes back from the browser's memory, or when no answer came.

const PATIENCE = 15_000; // milliseconds
const sent = new Set();

function mark(form, on) {
  for (const button of form.querySelectorAll("button")) {
    if (on) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

function release(form) {
  if (sent.delete(form)) mark(form, false);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  sent.add(form);
  mark(form, true);
  setTimeout(() => release(form), PATIENCE);
});

addEventListener("pageshow", () => [...sent].forEach(release));
