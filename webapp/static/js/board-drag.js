// Dragging with a mouse, a finger or a pen: a block moves, its lower edge stretches it. A finger
// holds still for a moment first, so that the page can still be scrolled.

const THRESHOLD = 4; // pixels before a press becomes a drag
const HOLD = 350; // milliseconds for a finger
const MARGIN = 48; // pixels at the edges of the board that scroll it

export function drags(blocks, tools) {
  const { board } = blocks;
  let drag = null;

  function begin(event) {
    const block = event.target.closest("[data-block]");
    const grip = event.target.closest("[data-face], [data-edge]");
    if (!tools.live() || !block?.dataset.move || !grip || event.button !== 0 || drag) return;
    drag = {
      block,
      stretches: grip.matches("[data-edge]"),
      pointer: event.pointerId,
      from: { x: event.clientX, y: event.clientY },
      at: { x: event.clientX, y: event.clientY, shift: event.shiftKey },
      plan: tools.planOf(block),
    };
    if (event.pointerType === "touch") drag.hold = setTimeout(lift, HOLD);
  }

  function lift() {
    const { block, pointer, from, plan } = drag;
    drag.ghost = tools.ghost(block);
    board.setPointerCapture(pointer);
    board.classList.add("board--dragging");
    const lane = drag.ghost.lanes.find((each) => each.column === plan.column);
    const frame = board.getBoundingClientRect();
    // How far below its own start the block was gripped, in minutes.
    const down = from.y - frame.top + board.scrollTop - lane.top;
    drag.grip = (down / tools.pixels()) * 60 - plan.start;
    drag.frame = frame;
    follow();
  }

  function follow() {
    if (!drag?.ghost) return;
    const { at, frame, ghost } = drag;
    scroll(at, frame);
    const x = at.x - frame.left + board.scrollLeft;
    const y = at.y - frame.top + board.scrollTop;
    drag.day = tools.dayUnder(at, frame);
    const lane = ghost.lanes.findLast((each) => each.left <= x) ?? ghost.lanes[0];
    const minutes = ((y - lane.top) / tools.pixels()) * 60;
    const step = at.shift ? 5 : tools.step();
    drag.plan = drag.stretches
      ? tools.stretched(drag.block, drag.plan, minutes, step)
      : tools.movedTo(drag.block, drag.plan, lane.column, minutes - drag.grip, step);
    ghost.show(drag.plan);
    drag.frameId = requestAnimationFrame(follow);
  }

  function scroll(at, frame) {
    const near = (value, low, high) =>
      Math.max(0, value - (high - MARGIN)) - Math.max(0, low + MARGIN - value);
    board.scrollBy(
      near(at.x, frame.left, frame.right) / 4,
      near(at.y, frame.top + 80, frame.bottom) / 4,
    );
  }

  function move(event) {
    if (event.pointerId !== drag?.pointer) return;
    drag.at = { x: event.clientX, y: event.clientY, shift: event.shiftKey };
    if (drag.ghost) return;
    const far = Math.hypot(drag.at.x - drag.from.x, drag.at.y - drag.from.y) > THRESHOLD;
    if (far && drag.hold) stop(); // a finger that moves at once scrolls
    else if (far) lift();
  }

  function stop() {
    const ended = drag;
    clearTimeout(ended?.hold);
    cancelAnimationFrame(ended?.frameId);
    board.classList.remove("board--dragging");
    tools.dayUnder(null);
    drag = null;
    return ended;
  }

  function drop(event) {
    if (event.pointerId !== drag?.pointer) return;
    const ended = stop();
    if (!ended.ghost) return;
    const plan = ended.day ? { ...ended.plan, date: ended.day } : ended.plan;
    tools.commit(ended.block, plan, ended.ghost);
  }

  function cancel() {
    const ended = drag && stop();
    ended?.ghost?.end();
    if (ended?.ghost) tools.leave(ended.block);
  }

  board.addEventListener("pointerdown", begin);
  board.addEventListener("pointermove", move);
  board.addEventListener("pointerup", drop);
  board.addEventListener("pointercancel", cancel);
  board.addEventListener("contextmenu", (event) => drag?.hold && event.preventDefault());
  board.addEventListener("touchmove", (e) => drag?.ghost && e.preventDefault(), { passive: false });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drag) cancel();
  });
}
