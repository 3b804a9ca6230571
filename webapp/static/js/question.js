// Shows the answers to choose from only where the kind has them, and of the questions that may decide
// only the one that was chosen. Without this all of them are there, and the server takes what counts.

const kind = document.querySelector("#kind");
const after = document.querySelector("#after");
const options = document.querySelector("[data-options]");

function follow() {
  options.hidden = !["choice", "choices"].includes(kind.value);
  for (const group of document.querySelectorAll("[data-after]")) {
    group.hidden = group.dataset.after !== after.value;
  }
}

if (kind && after && options) {
  follow();
  kind.addEventListener("change", follow);
  after.addEventListener("change", follow);
}
