// Copy boxes: the button appears only where it can work; without it the address can be selected.

for (const box of document.querySelectorAll("[data-copy]")) {
  const input = box.querySelector("input");
  const button = box.querySelector("button");
  const told = box.parentElement.querySelector("[data-copy-told]");
  input.addEventListener("focus", () => input.select());
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(input.value);
      told.textContent = button.dataset.done;
    } catch {
      input.focus();
    }
  });
}
