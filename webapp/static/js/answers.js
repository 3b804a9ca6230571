// Shows a question only while it is asked: after the answer to another one that it depends on. Without
// this every question is there and says in words when to answer it; the server ignores the others.

const blocks = "[data-answers]";

// The question that decides: of the same person or company, else of the company.
function deciding(question) {
  const wanted = `[data-question="${CSS.escape(question.dataset.askedAfter)}"]`;
  const own = question.closest(blocks)?.querySelector(wanted);
  return own || document.querySelector(`[data-answers="company"] ${wanted}`);
}

function chosen(question) {
  const values = [];
  for (const input of question.querySelectorAll("input, select, textarea")) {
    if (input.type === "checkbox" || input.type === "radio") {
      if (input.checked) values.push(input.value);
    } else if (input.value) {
      values.push(input.value);
    }
  }
  return values;
}

// In the order of the page, so that what is hidden decides nothing more.
function follow() {
  const company = document.querySelectorAll('[data-answers="company"] [data-asked-after]');
  const people = document.querySelectorAll('[data-answers="delegate"] [data-asked-after]');
  for (const question of [...company, ...people]) {
    const parent = deciding(question);
    if (!parent) continue;
    const when = question.dataset.askedWhen.split(" ");
    question.hidden = parent.hidden || !chosen(parent).some((value) => when.includes(value));
    const words = question.querySelector("[data-asked-words]");
    if (words) words.hidden = true;
  }
}

if (document.querySelector("[data-asked-after]")) {
  follow();
  document.addEventListener("change", follow);
  // Rows come and go: a copied one begins without answers.
  const people = document.querySelector("[data-people]");
  if (people) new MutationObserver(follow).observe(people, { childList: true });
}
