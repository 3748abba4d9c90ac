// "Leave quickly": replace this page in the history, so that the back button does not bring it up again.
// On the pages of a story it also empties every field, forgets the words kept on this phone and closes the story here.

function forgetWords() {
  for (const field of document.querySelectorAll("[data-story] :is(textarea, input:not([type=hidden]))")) field.value = "";
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith("story:")) localStorage.removeItem(name);
  } catch {
    // No storage, no words in it.
  }
}

for (const link of document.querySelectorAll("[data-leave]")) {
  link.addEventListener("click", (click) => {
    click.preventDefault();
    document.documentElement.hidden = true;
    if (link.dataset.to) {
      document.dispatchEvent(new Event("leaving"));
      forgetWords();
      // On its way while the page goes; without a network there is nobody to tell.
      fetch(link.href, { keepalive: true, redirect: "manual" }).catch(() => {});
    }
    window.location.replace(link.dataset.to || link.href);
  });
}

// A browser may bring a page back as it was, words and all: then it is fetched again, for whoever is here now.
window.addEventListener("pageshow", (shown) => {
  if (!shown.persisted || !document.querySelector("[data-story]")) return;
  document.documentElement.hidden = true;
  window.location.reload();
});
