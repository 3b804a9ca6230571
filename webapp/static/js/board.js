// The organizer's board. Without this, and on a phone, each column is a list with a form for each
// session; here they become a timetable on which sessions are dragged, stretched and carried by
// keyboard. The modules are named by the page, with a mark that changes with them.

const board = document.querySelector("[data-board]");
const load = (name) => import(board.dataset[name]);
const modules = ["blocksModule", "serverModule", "ghostModule", "dragModule", "keysModule", "talksModule"];
const [{ blocksOf, number, hour, typed, fill }, { serverOf }, { ghostsOf }, { drags }, { keys }, { talksOf }] =
  await Promise.all(modules.map(load));

const words = JSON.parse(board.dataset.words);
const byDay = board.dataset.by === "day";
const mayChange = "mayChange" in board.dataset;
const wide = matchMedia("(width >= 48rem)");
const blocks = blocksOf(board);
const send = serverOf(board.dataset.token);
const talks = mayChange ? talksOf() : null;
const said = document.querySelector("[data-said]");
const chosen = document.querySelector("[data-chosen]");
const step = document.querySelector("[data-step]");
const tabs = [...document.querySelectorAll("[data-day]:not([data-board])")];
let pixels = 60;

// What is planned for a block: its column, its day, its start and length in minutes.
function planOf(block) {
  const column = blocks.columnOf(block);
  const start = number(block, "top");
  return { column, date: block.dataset.date, start, minutes: number(block, "minutes") };
}

const snapped = (minutes, by) => Math.round(minutes / by) * by;

function movedTo(_block, plan, column, start, by) {
  const latest = blocks.A_DAY - 5;
  const kept = Math.min(Math.max(0, snapped(start, by)), latest);
  return { ...plan, column, start: kept, date: byDay ? column.date : plan.date };
}

function stretched(_block, plan, end, by) {
  return { ...plan, minutes: Math.max(5, snapped(end, by) - plan.start), stretches: true };
}

function otherDay(plan, days) {
  const dates = tabs.map((tab) => tab.dataset.day);
  return { ...plan, date: dates[dates.indexOf(plan.date) + days] ?? plan.date };
}

function dayUnder(at, frame) {
  const outside = at && (at.y < frame.top || at.y > frame.bottom);
  const tab = outside ? document.elementFromPoint(at.x, at.y)?.closest("a[data-day]") : null;
  for (const each of tabs) each.classList.toggle("is-target", each === tab);
  return tab?.dataset.day;
}

function tell(block, plan) {
  const [start, end] = [hour(plan.start), hour((plan.start + plan.minutes) % blocks.A_DAY)];
  const span = fill(words.span, { start, end });
  const [hours, minutes] = [Math.floor(plan.minutes / 60), plan.minutes % 60];
  const length = fill(hours ? words.hours : words.minutes, { hours, minutes });
  return plan.stretches ? `${span} · ${length}` : span;
}

function placeOf(plan) {
  const day = tabs.find((tab) => tab.dataset.day === plan.date);
  if (byDay || plan.date === board.dataset.day || !day) return plan.column.name;
  return `${plan.column.name}, ${day.textContent.trim()}`;
}

const sentence = (name, block, plan) =>
  fill(words[name], {
    title: block.dataset.title,
    when: tell(block, plan),
    column: placeOf(plan),
  });

function say(text) {
  said.textContent = "";
  requestAnimationFrame(() => { said.textContent = text; });
}

function leave(block) {
  say(sentence("left", block, planOf(block)));
}

// The wall time of an end that goes along with its start, and so many minutes later or earlier: a
// day and a time of day. Counted by the clocks; what they skip, the server says.
function endOf(block, plan) {
  const before = planOf(block);
  const at = (date, minutes) => Date.parse(`${date}T00:00Z`) + minutes * 60_000;
  const start = at(plan.date, plan.start) - at(before.date, before.start);
  const longer = (plan.minutes - before.minutes) * 60_000;
  const end = Date.parse(`${block.dataset.ends}Z`) + start + longer;
  return ended(plan.date, new Date(end).toISOString());
}

function ended(date, iso) {
  const later = (Date.parse(iso.slice(0, 10)) - Date.parse(date)) / 86_400_000;
  return { end: iso.slice(11, 16), days_later: later };
}

function commit(block, plan, ghost) {
  const before = planOf(block);
  const same = ["column", "date", "start", "minutes"].every((name) => plan[name] === before[name]);
  if (same) {
    ghost.end();
    leave(block);
    return;
  }
  ghost.saving();
  say(sentence("dropped", block, plan));
  const fields = { date: plan.date, start: typed(plan.start) };
  if (!byDay) fields.column = plan.column.key;
  if (plan.minutes !== before.minutes) Object.assign(fields, endOf(block, plan));
  move(block.dataset.uid, block.dataset.move, fields, ghost);
}

async function move(uid, url, fields, ghost) {
  const version = () => fields.version ?? blocks.whole(uid)?.dataset.version ?? 0;
  const answer = await send(url, () => ({ ...fields, version: version() }));
  ghost?.end();
  const again = (more) => move(uid, url, { ...fields, ...more });
  const back = () => focusOn(blocks.whole(uid));
  if (answer.status === 200) {
    take(answer);
    say(answer.said);
  } else if (answer.status === 409) {
    take(answer);
    const { version: newest } = answer.item;
    const mine = [words.mine, () => again({ version: newest })];
    talks.choose(words.conflict, [answer.theirs, answer.mine], [[words.theirs], mine], back);
  } else if (answer.status === 422) {
    refuse(answer, fields, again, back);
  } else {
    say(answer.status === 404 ? words.gone : words.failed);
    talks.choose(answer.status === 404 ? words.gone : words.failed, [], [[words.keep]], back);
  }
}

function refuse(answer, fields, again, back) {
  const nearest = (answer.nearest ?? []).map(({ label, local }) => {
    const [date, start] = local.split("T");
    const more = answer.end === "starts" ? { date, start } : ended(fields.date, local);
    return [label, () => again(more)];
  });
  const passes = (answer.passes ?? []).map(({ label, fold }) => [
    label,
    () => again({ [`${answer.end}_fold`]: fold }),
  ]);
  talks.choose(words.refused, [answer.error], [...nearest, ...passes, [words.keep]], back);
}

// Shows what the server made of a session, with the clashes and the two buttons as they are now.
function take(answer) {
  const had = board.contains(document.activeElement) || document.activeElement === document.body;
  const block = answer.uid ? blocks.take(answer) : null;
  if (!answer.uid) blocks.mark(answer.marks);
  upgrade();
  steps(answer.steps);
  if (block && had) focusOn(block);
  else if (block) choose(block);
}

function steps(now) {
  for (const [name, { label, there }] of Object.entries(now)) {
    const button = document.querySelector(`[data-take="${name}"] button`);
    if (!button) continue;
    button.disabled = false; // a disabled button would drop the focus
    button.setAttribute("aria-disabled", String(!there));
    button.title = label;
  }
}

function focusOn(block) {
  const face = block?.querySelector("[data-face]");
  if (!face) return;
  face.focus({ preventScroll: true });
  block.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// Below the board: what a block is too small to say.
function choose(block) {
  for (const other of board.querySelectorAll(".block--chosen")) other.classList.remove("block--chosen");
  block.classList.add("block--chosen");
  const title = document.createElement("h2");
  title.textContent = block.dataset.title;
  const more = block.querySelector("[data-more]").cloneNode(true);
  more.querySelector("[data-open-move]")?.addEventListener("click", (event) => {
    event.preventDefault();
    openMove(block);
  });
  chosen.replaceChildren(title, ...more.children);
  chosen.hidden = false;
}

function openMove(block) {
  if (!block.dataset.move) return;
  const plan = { ...planOf(block), typed: typed(number(block, "top")) };
  const { days_later: later } = ended(block.dataset.date, block.dataset.ends);
  const { uid, move: url } = block.dataset;
  const title = fill(words.moves, { title: block.dataset.title });
  const ask = (fields) => move(uid, url, fields);
  talks.openMove(title, plan, later, ask, () => focusOn(blocks.whole(uid)));
}

async function takeStep(form) {
  const button = form.querySelector("button");
  if (button.disabled || button.getAttribute("aria-disabled") === "true") return;
  const answer = await send(form.action, () => ({}));
  if (answer.status !== 200 && answer.status !== 409) {
    say(words.failed);
    return;
  }
  take(answer);
  say(answer.said);
}

// The faces are buttons only where they do something.
function upgrade() {
  const live = board.classList.contains("board--live");
  const faces = blocks.faces();
  const current = faces.find((face) => face.tabIndex === 0 && face.hasAttribute("role")) ?? faces[0];
  for (const face of faces) {
    if (!live) {
      face.removeAttribute("role");
      face.removeAttribute("tabindex");
    } else if (!face.hasAttribute("role")) {
      face.setAttribute("role", "button");
      face.tabIndex = -1;
    }
  }
  if (live && current) current.tabIndex = 0;
}

function hours() {
  const axis = document.createElement("div");
  axis.className = "board__axis";
  axis.setAttribute("aria-hidden", "true");
  const gap = Number(board.dataset.homeGap ?? 0);
  const lane = document.createElement("div");
  lane.className = "board__hours";
  for (let at = 0; at < 24; at += 1) {
    const line = document.createElement("p");
    line.style.setProperty("--top", at * 60);
    line.textContent = hour(at * 60);
    if (gap) {
      const home = document.createElement("span");
      home.textContent = hour((at * 60 - gap + 2 * blocks.A_DAY) % blocks.A_DAY);
      line.append(home);
    }
    lane.append(line);
  }
  const head = document.createElement("p");
  head.className = "board__corner";
  head.textContent = gap ? board.dataset.home : "";
  axis.append(head, lane);
  board.prepend(axis);
}

function fit() {
  board.classList.toggle("board--live", wide.matches);
  if (wide.matches) {
    board.setAttribute("role", "application");
    board.setAttribute("aria-label", words.board);
  } else {
    board.removeAttribute("role");
    board.removeAttribute("aria-label");
  }
  pixels = blocks.scale();
  board.style.setProperty("--head", `${board.querySelector(".board__head").offsetHeight}px`);
  upgrade();
}

function toFirst() {
  const starts = [...board.querySelectorAll("[data-version]")].map((block) => number(block, "top"));
  const first = starts.length ? Math.min(...starts) : 8 * 60;
  board.scrollTop = (Math.max(0, first - 45) / 60) * pixels;
}

const tools = {
  words, byDay, planOf, movedTo, stretched, otherDay, dayUnder, tell, sentence, say, leave, commit,
  choose, openMove,
  live: () => wide.matches,
  pixels: () => pixels,
  step: () => Number(step?.value ?? 15),
};
tools.ghost = ghostsOf(blocks, tools);
hours();
fit();
toFirst();
keys(blocks, tools);
if (mayChange) drags(blocks, tools);
wide.addEventListener("change", fit);
for (const form of document.querySelectorAll("[data-take]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    takeStep(form);
  });
}
document.addEventListener("keydown", (event) => {
  const writes = event.target.closest?.("input, textarea, select, dialog");
  if (writes || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  const form = document.querySelector(`[data-take="${event.shiftKey ? "redo" : "undo"}"]`);
  if (!form) return;
  event.preventDefault();
  takeStep(form);
});
board.dataset.ready = "";
