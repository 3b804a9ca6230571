// The public agenda: filters without asking the server, and the reader's own clock beside the local
// one. Every session is in the page already; without this the form asks for the page anew.

const agenda = document.querySelector("[data-agenda]");
const form = document.querySelector("[data-filter]");
const sessions = [...(agenda?.querySelectorAll("[data-facets]") ?? [])].map((node) => ({
  node,
  facets: JSON.parse(node.dataset.facets),
}));

function wishes() {
  return [...new FormData(form)].filter(([name, value]) => value && name !== "by");
}

function announce(shown) {
  const told = document.querySelector("[data-count]");
  const { none, one, all } = told.dataset;
  if (shown === sessions.length) told.textContent = all;
  else if (!shown) told.textContent = none;
  else told.textContent = one.replace("{shown}", shown).replace("{all}", sessions.length);
}

// The address says what is shown, so that it can be kept, shared and reloaded.
function keepAddress(wanted) {
  const query = new URLSearchParams(location.search);
  for (const select of form.querySelectorAll("select")) query.delete(select.name);
  for (const [name, value] of wanted) query.set(name, value);
  const text = query.toString();
  history.replaceState(null, "", location.pathname + (text && `?${text}`) + location.hash);
  for (const link of document.querySelectorAll("[data-by]")) {
    const other = new URLSearchParams(wanted);
    if (link.dataset.by !== "day") other.set("by", link.dataset.by);
    link.search = other.toString();
  }
}

function show() {
  const wanted = wishes();
  for (const { node, facets } of sessions) {
    node.hidden = !wanted.every(([name, value]) => facets[name].includes(value));
  }
  for (const section of agenda.querySelectorAll(".day")) {
    section.hidden = !section.querySelector("[data-facets]:not([hidden])");
    const link = document.querySelector(`.days a[href="#${section.id}"]`);
    if (link) link.parentElement.hidden = section.hidden;
  }
  for (const part of agenda.querySelectorAll(".day__part")) {
    part.hidden = !part.nextElementSibling.querySelector("[data-facets]:not([hidden])");
  }
  document.querySelector("[data-reset]").hidden = !wanted.length;
  announce(sessions.filter(({ node }) => !node.hidden).length);
  keepAddress(wanted);
}

function reset(event) {
  event.preventDefault();
  for (const select of form.querySelectorAll("select")) select.value = "";
  show();
  form.querySelector("select").focus();
}

if (agenda && form) {
  form.querySelector("[data-show]").hidden = true;
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show();
  });
  form.querySelector("[data-reset]").addEventListener("click", reset);
  show();
}

// The reader's own clock. The zone is the browser's; it is told to nobody.
const mine = document.querySelector("[data-my-time]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

function ownTime(time) {
  const at = new Date(time.dateTime);
  const parts = { timeZone: zone, weekday: "short", hour: "numeric", minute: "2-digit" };
  const words = document.createElement("span");
  words.className = "my-time";
  words.textContent = mine.dataset.words
    .replace("{time}", at.toLocaleString(document.documentElement.lang, parts))
    .replace("{zone}", zone.split("/").pop().replaceAll("_", " "));
  return words;
}

function write() {
  for (const time of agenda.querySelectorAll(".item__start time, .leg__time time")) {
    const block = time.closest(".item__time, .leg__port");
    block.querySelector(".zone").after(ownTime(time));
  }
}

if (agenda && mine && zone) {
  mine.hidden = false;
  mine.addEventListener("click", () => {
    if (!agenda.querySelector(".my-time")) write();
    const on = agenda.classList.toggle("timetable--mine");
    mine.setAttribute("aria-pressed", String(on));
  });
}
