// Windows in which the board asks: where a session shall go, and what to do when the server said
// no. Each gives the focus back to the block that it is about.

export function talksOf() {
  const talk = (name) => document.querySelector(`[data-talk="${name}"]`);
  const ask = talk("ask");
  const move = talk("move");

  function closed(dialog, back) {
    dialog.addEventListener("close", back, { once: true });
    dialog.showModal();
  }

  // Each choice is [what its button says, what it does]; closing does nothing.
  function choose(title, lines, choices, back) {
    ask.querySelector("[data-title]").textContent = title;
    ask.querySelector("[data-text]").replaceChildren(
      ...lines.map((line) => {
        const paragraph = document.createElement("p");
        paragraph.textContent = line;
        return paragraph;
      }),
    );
    ask.querySelector("[data-buttons]").replaceChildren(
      ...choices.map(([text, act], index) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = index ? "button button--quiet" : "button";
        button.textContent = text;
        button.addEventListener("click", () => {
          ask.close();
          act?.();
        });
        return button;
      }),
    );
    closed(ask, back);
  }

  function openMove(title, plan, later, send, back) {
    const form = move.querySelector("form");
    form.reset();
    move.querySelector("[data-title]").textContent = title;
    form.elements.date.value = plan.date;
    form.elements.start.value = plan.typed;
    form.elements.days_later.value = String(later);
    if (form.elements.column) form.elements.column.value = plan.column.key;
    form.onsubmit = (event) => {
      event.preventDefault();
      event.stopPropagation(); // once.js would hold the form for the next time
      const fields = Object.fromEntries(new FormData(form));
      move.close();
      send(fields);
    };
    move.querySelector("[data-close]").onclick = () => move.close();
    closed(move, back);
  }

  return { choose, openMove };
}
