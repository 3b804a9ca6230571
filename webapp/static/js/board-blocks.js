// The blocks of the board: where they stand, how they share the width of a column, and what an
// answer of the server makes of them. Positions are custom properties, which the style sheet uses
// on wide screens alone: a phone and paper keep the lists.

const A_DAY = 24 * 60;
const LEAST = 22; // pixels: a block is never drawn lower than one line
const french = document.documentElement.lang === "fr";

export const number = (block, name) => Number(block.dataset[name]);
export const pad = (value) => String(value).padStart(2, "0");
export const fill = (sentence, names) =>
  sentence.replaceAll(/\{(\w+)\}/g, (_all, name) => names[name] ?? "");

// Minutes from midnight as the pages write a time of day.
export function hour(minutes) {
  const [hours, rest] = [Math.floor(minutes / 60) % 24, minutes % 60];
  if (french) return `${hours}\u00a0h${rest ? `\u00a0${pad(rest)}` : ""}`;
  return `${hours % 12 || 12}:${pad(rest)}\u00a0${hours < 12 ? "AM" : "PM"}`;
}

export const typed = (minutes) => `${pad(Math.floor(minutes / 60) % 24)}:${pad(minutes % 60)}`;

export function blocksOf(board) {
  const columns = [...board.querySelectorAll("[data-column]")].map((element) => ({
    element,
    key: element.dataset.column,
    date: element.dataset.date,
    name: element.dataset.name,
    lane: element.querySelector("[data-lane]"),
  }));
  const byKey = new Map(columns.map((column) => [column.key, column]));
  const marked = new Map(); // what each block says of its clashes, so that few are written anew
  let pixels = 60; // of one hour

  const faces = () => [...board.querySelectorAll("[data-face]")];
  const whole = (uid) => board.querySelector(`[data-uid="${uid}"][data-version]`);
  const columnOf = (block) => byKey.get(block.closest("[data-column]").dataset.column);
  const inOrder = (column) =>
    [...column.lane.querySelectorAll("[data-version]")].sort(
      (one, other) => number(one, "top") - number(other, "top"),
    );

  // Blocks that overlap stand side by side, each in the first lane that is free. Nothing is
  // measured in here: only the numbers of the blocks are read, and only properties written.
  function lay(column) {
    const least = Math.ceil((LEAST / pixels) * 60);
    const spans = [...column.lane.children].map((block) => {
      const top = number(block, "top");
      return { block, top, end: top + Math.max(number(block, "length"), least) };
    });
    spans.sort((one, other) => one.top - other.top || other.end - one.end);
    let most = 1;
    let cluster = [];
    let ends = [];
    const close = () => {
      for (const span of cluster) span.block.style.setProperty("--of", ends.length);
      most = Math.max(most, ends.length);
      cluster = [];
      ends = [];
    };
    for (const span of spans) {
      if (cluster.length && ends.every((end) => end <= span.top)) close();
      let lane = ends.findIndex((end) => end <= span.top);
      if (lane < 0) lane = ends.length;
      ends[lane] = span.end;
      cluster.push(span);
      span.block.style.setProperty("--lane", lane);
      span.block.style.setProperty("--top", span.top);
      span.block.style.setProperty("--length", span.block.dataset.length);
    }
    if (cluster.length) close();
    column.element.style.setProperty("--lanes", most);
  }

  function mark(marks) {
    for (const block of board.querySelectorAll("[data-version]")) {
      const found = marks[block.dataset.uid];
      const says = found ? JSON.stringify(found) : "";
      if ((marked.get(block) ?? "") === says) continue;
      marked.set(block, says);
      block.querySelector("[data-mark]").hidden = !found;
      block.classList.toggle("block--stop", Boolean(found?.blocks));
      const list = found && parse(found.html);
      block.querySelector("[data-clashes]").replaceChildren(...(list ? list.children : []));
    }
  }

  // Server-made markup becomes nodes; nothing that was typed is ever put together into markup here.
  function parse(html) {
    return new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
  }

  // Puts the blocks of an answer where those of the same session were. Gives the new whole one.
  function take(answer) {
    const touched = new Set();
    for (const old of board.querySelectorAll(`[data-uid="${answer.uid}"]`)) {
      touched.add(columnOf(old));
      old.remove();
    }
    for (const part of answer.parts) {
      const column = byKey.get(part.column);
      if (!column) continue;
      const block = document.importNode(parse(part.html), true);
      const after = [...column.lane.children].find(
        (other) => number(other, "top") > number(block, "top"),
      );
      column.lane.insertBefore(block, after ?? null);
      touched.add(column);
    }
    touched.forEach(lay);
    mark(answer.marks);
    return whole(answer.uid);
  }

  function scale() {
    pixels = (columns[0]?.lane.offsetHeight ?? 0) / 24 || pixels;
    columns.forEach(lay);
    return pixels;
  }

  return { board, columns, byKey, faces, whole, columnOf, inOrder, take, mark, scale, A_DAY };
}
