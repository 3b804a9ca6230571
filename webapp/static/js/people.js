// Adds and removes delegates on the spot. Without this the same buttons ask the server for a page
// with one row more or less, and nothing that was typed is lost either way.

const list = document.querySelector("[data-people]");
const more = document.querySelector("[name=add_delegate]");
const rows = () => [...list.querySelectorAll("[data-row]")];
const most = Number(list?.dataset.most || 0);

function number() {
  const all = rows();
  all.forEach((row, index) => {
    row.querySelector("[data-number]").textContent = String(index + 1);
    const button = row.querySelector("[name=remove_delegate]");
    button.value = String(index);
    button.hidden = all.length === 1;
  });
  more.hidden = all.length >= most;
}

// What was typed or chosen goes; the language of the letters stays.
function empty(field) {
  if (field.type === "checkbox" || field.type === "radio") field.checked = false;
  else if (field.tagName === "SELECT") {
    if (!field.name.endsWith("-language")) field.selectedIndex = 0;
  } else field.value = "";
  if (field.getAttribute("aria-invalid")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}

// A copy of the first row: its names and ids carry the number of the row, and nothing else of it
// stays but the language.
function blank() {
  const all = rows();
  const next = Math.max(...all.map((row) => Number(row.dataset.row))) + 1;
  const row = all[0].cloneNode(true);
  row.dataset.row = String(next);
  for (const node of [row, ...row.querySelectorAll("*")]) {
    for (const name of ["id", "for", "name", "aria-describedby", "aria-labelledby"]) {
      const value = node.getAttribute(name);
      if (value) node.setAttribute(name, value.replaceAll(/delegates-\d+/g, `delegates-${next}`));
    }
  }
  for (const error of row.querySelectorAll(".field__error")) error.remove();
  for (const field of row.querySelectorAll(".field--bad")) field.classList.remove("field--bad");
  for (const field of row.querySelectorAll("input, select, textarea")) empty(field);
  return row;
}

function add() {
  const row = blank();
  list.append(row);
  number();
  row.querySelector("[name$=given_name]").focus();
}

function remove(row) {
  const next = row.nextElementSibling || row.previousElementSibling;
  row.remove();
  number();
  next.querySelector("[name$=given_name]").focus();
}

if (list) {
  number();
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.name === "add_delegate") {
      event.preventDefault();
      add();
    } else if (button?.name === "remove_delegate") {
      event.preventDefault();
      remove(button.closest("[data-row]"));
    }
  });
}

// Whoever says to be a company that we know takes its name as we write it.
document.addEventListener("change", (event) => {
  const { fills, name } = event.target.dataset;
  if (fills && event.target.checked) document.getElementById(fills).value = name;
});
