// Adds and removes people of a session on the spot, and shows the companies to tick only where they
// count. Without this the same buttons ask the server, and nothing that was typed is lost either way.

const cast = document.querySelector("[data-cast]");
const blank = document.querySelector("[data-cast-row]");
const known = document.querySelector("#known_person");
const companies = document.querySelector("[data-companies]");
const audience = document.querySelector("#audience");
const kind = document.querySelector("#kind");
const leg = document.querySelector("[data-leg]");

const rows = () => [...cast.querySelectorAll("[data-row]")];

// The row of the template, with a number of its own in its names and ids.
function numbered(number) {
  const row = blank.content.querySelector("[data-row]").cloneNode(true);
  for (const node of [row, ...row.querySelectorAll("*")]) {
    for (const name of ["id", "for", "name", "value", "data-row"]) {
      const value = node.getAttribute(name);
      if (value) node.setAttribute(name, value.replaceAll("__row__", number));
    }
  }
  return row;
}

function add() {
  const row = numbered(Math.max(-1, ...rows().map((row) => Number(row.dataset.row))) + 1);
  cast.append(row);
  const option = known?.selectedOptions[0];
  if (option?.value) {
    row.querySelector("[name$=person_id]").value = option.value;
    row.querySelector("[name$=given_name]").value = option.dataset.given;
    row.querySelector("[name$=family_name]").value = option.dataset.family;
    known.value = "";
    row.querySelector("select").focus();
  } else {
    row.querySelector("input:not([type=hidden])").focus();
  }
}

function remove(row) {
  const next = row.nextElementSibling || row.previousElementSibling;
  row.remove();
  (next?.querySelector("input:not([type=hidden])") || known).focus();
}

function follow() {
  if (companies) companies.hidden = audience.value !== "companies";
  if (leg && ["travel", "transfer"].includes(kind.value)) leg.open = true;
}

if (cast) {
  follow();
  audience.addEventListener("change", follow);
  kind.addEventListener("change", follow);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.name === "add_person") {
      event.preventDefault();
      add();
    } else if (button?.name === "remove_person") {
      event.preventDefault();
      remove(button.closest("[data-row]"));
    }
  });
}
