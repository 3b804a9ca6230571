// What the board tells the server, one thing after the other: a second move of the same session
// waits for the answer to the first, and then names the version that this one made.

export function serverOf(token) {
  let last = Promise.resolve();

  async function post(url, fields) {
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: { Accept: "application/json", "X-CSRFToken": token },
        body: new URLSearchParams(fields),
      });
      const json = answer.headers.get("Content-Type")?.startsWith("application/json");
      return { status: answer.status, ...(json ? await answer.json() : {}) };
    } catch {
      return { status: 0 }; // no answer came
    }
  }

  // `fields` is a function, asked only when it is this one's turn.
  return function send(url, fields) {
    last = last.then(() => post(url, fields()));
    return last;
  };
}
