// Rows that are decided at once: tick a whole page, and say how many are ticked. Without this script each box is ticked by hand.

function show(form) {
  const boxes = [...form.querySelectorAll('input[name="id"]')];
  const told = form.querySelector("[data-ticked]");
  const number = boxes.filter((box) => box.checked).length;
  if (told) told.textContent = number ? `(${number})` : "";
}

function wire(form) {
  if (!form || form.dataset.wired) return;
  form.dataset.wired = "yes";
  const all = form.querySelector("[data-tick-page]");
  if (all) {
    all.hidden = false;
    all.addEventListener("click", () => {
      const boxes = [...form.querySelectorAll('input[name="id"]')];
      const wanted = boxes.some((box) => !box.checked);
      for (const box of boxes) box.checked = wanted;
      show(form);
    });
  }
  form.addEventListener("change", () => show(form));
  show(form);
}

function wireAll() {
  for (const form of document.querySelectorAll("form[data-rows]")) wire(form);
}

wireAll();
document.addEventListener("htmx:afterSettle", wireAll);
