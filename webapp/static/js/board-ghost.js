// A ghost shows where a block would come to stand, with its time, while it is dragged or picked up
// and until the server has answered. It moves by a transform alone, so that nothing else is laid
// out anew.

export function ghostsOf({ board, columns }, tools) {
  // The places of the lanes in the board's own coordinates, measured once a drag.
  function measure() {
    const frame = board.getBoundingClientRect();
    const [left, top] = [frame.left - board.scrollLeft, frame.top - board.scrollTop];
    return columns.map((column) => {
      const lane = column.lane.getBoundingClientRect();
      return { column, left: lane.left - left, top: lane.top - top, width: lane.width };
    });
  }

  function ghost(block) {
    const lanes = measure();
    const element = document.createElement("div");
    const label = document.createElement("p");
    const name = document.createElement("p");
    element.className = "ghost";
    element.setAttribute("aria-hidden", "true");
    element.dataset.track = block.dataset.track ?? "";
    name.className = "ghost__name";
    name.textContent = block.dataset.title;
    element.append(label, name);
    board.append(element);
    block.classList.add("block--lifted");
    const pixels = tools.pixels();

    // Only what differs is written: many frames of a drag change nothing at all.
    const set = (name, value) => {
      if (element.style.getPropertyValue(name) !== value) element.style.setProperty(name, value);
    };

    return {
      lanes,
      show(plan) {
        const lane = lanes.find((each) => each.column === plan.column);
        const drawn = Math.min(plan.minutes, 24 * 60 - plan.start);
        const down = lane.top + (plan.start / 60) * pixels;
        const text = tools.tell(block, plan);
        set("width", `${lane.width}px`);
        set("height", `${Math.max(22, (drawn / 60) * pixels)}px`);
        set("transform", `translate(${lane.left}px, ${down}px)`);
        if (label.textContent !== text) label.textContent = text;
      },
      inSight() {
        element.scrollIntoView({ block: "nearest", inline: "nearest" });
      },
      saving() {
        element.classList.add("ghost--saving");
      },
      end() {
        element.remove();
        block.classList.remove("block--lifted");
      },
    };
  }

  return ghost;
}
