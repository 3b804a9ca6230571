// The board by keyboard alone: arrows go from session to session; Enter picks one up, arrows then
// move it, Enter drops it. Only one block can be reached by Tab, the one that was left last.

export function keys(blocks, tools) {
  const { board, columns } = blocks;
  let held = null;

  const faceOf = (block) => block?.querySelector("[data-face]");

  function near(face, key) {
    const block = face.closest("[data-block]");
    const column = blocks.columnOf(block);
    const here = blocks.inOrder(column);
    const index = here.indexOf(block);
    if (key === "ArrowUp") return here[index - 1];
    if (key === "ArrowDown") return here[index + 1];
    if (key === "Home") return here[0];
    if (key === "End") return here.at(-1);
    const step = key === "ArrowLeft" ? -1 : 1;
    const top = Number(block.dataset.top);
    const far = (other) => Math.abs(Number(other.dataset.top) - top);
    for (let at = columns.indexOf(column) + step; columns[at]; at += step) {
      const found = blocks.inOrder(columns[at]);
      if (found.length) return found.sort((one, other) => far(one) - far(other))[0];
    }
    return undefined;
  }

  function pick(block) {
    if (!block.dataset.move) {
      tools.say(tools.words.fixed);
      return;
    }
    held = { block, plan: tools.planOf(block), ghost: tools.ghost(block) };
    held.ghost.show(held.plan);
    tools.say(tools.sentence("picked", block, held.plan));
  }

  function let_go() {
    const ended = held;
    held = null;
    return ended;
  }

  function leave() {
    const { block, ghost } = let_go();
    ghost.end();
    tools.leave(block);
  }

  function drop() {
    const { block, plan, ghost } = let_go();
    tools.commit(block, plan, ghost, true);
  }

  // Where the arrow of `event` takes what is held, or null for another key.
  function next(event) {
    const { block, plan } = held;
    const step = event.shiftKey ? 5 : tools.step();
    const down = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const days = { PageUp: -1, PageDown: 1 }[event.key];
    if (down && event.altKey) {
      return tools.stretched(block, plan, plan.start + plan.minutes + down * step, 1);
    }
    if (down) return tools.movedTo(block, plan, plan.column, plan.start + down * step, 1);
    if (days && !tools.byDay) return tools.otherDay(plan, days);
    const column = columns[columns.indexOf(plan.column) + (across ?? days)];
    return across || days ? tools.movedTo(block, plan, column ?? plan.column, plan.start, 1) : null;
  }

  function onHeld(event) {
    if (event.key === "Escape") leave();
    else if (event.key === "Enter" || event.key === " ") drop();
    else {
      const plan = next(event);
      if (!plan) return;
      held.plan = plan;
      held.ghost.show(plan);
      held.ghost.inSight();
      tools.say(tools.sentence("at", held.block, plan));
    }
    event.preventDefault();
  }

  board.addEventListener("keydown", (event) => {
    const face = event.target.closest("[data-face]");
    if (!tools.live() || !face) return;
    if (held) {
      onHeld(event);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const block = face.closest("[data-block]");
    if (event.key === "Enter" || event.key === " ") pick(block);
    else if (event.key.toLowerCase() === "m") tools.openMove(block);
    else if (/^(Arrow|Home|End)/.test(event.key)) faceOf(near(face, event.key))?.focus();
    else return;
    event.preventDefault();
  });

  board.addEventListener("focusin", (event) => {
    const face = event.target.closest("[data-face]");
    if (!face || !tools.live()) return;
    for (const other of board.querySelectorAll("[data-face][tabindex='0']")) other.tabIndex = -1;
    face.tabIndex = 0;
    tools.choose(face.closest("[data-block]"));
  });

  board.addEventListener("focusout", () => held && leave());
}
