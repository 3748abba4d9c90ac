// "Leave quickly": replace this page in the history, so that the back button does not bring it up again.
for (const link of document.querySelectorAll("[data-leave]")) {
  link.addEventListener("click", (click) => {
    click.preventDefault();
    document.documentElement.hidden = true;
    window.location.replace(link.href);
  });
}
