// The queue of stories: looked at anew every half minute, so that an urgent one shows without a press.
const EVERY_MS = 30_000;

async function look() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
    const shown = document.querySelector("[data-live]");
    // Whoever is in the list with the keyboard is not thrown out of it.
    if (fresh && !shown.contains(document.activeElement)) shown.replaceWith(fresh);
  } catch {
    // No connection: what is shown stays, and the next look tries again.
  }
}

setInterval(look, EVERY_MS);
