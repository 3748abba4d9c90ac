// A pack in the making: how far it is, looked at every second; then to the pack itself.
const EVERY_MS = 1_000;

async function look() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    // What was asked for is there: the page that shows it is the one to be on, with what it has to say.
    if (answer.redirected) return location.reload();
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
      const shown = document.querySelector("[data-live]");
      if (fresh.textContent !== shown.textContent) shown.replaceWith(fresh);
      if (fresh.dataset.live === "refused") return undefined;
    }
  } catch {
    // No connection: what is shown stays, and the next look tries again.
  }
  return setTimeout(look, EVERY_MS);
}

setTimeout(look, EVERY_MS);
