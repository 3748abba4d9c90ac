// A story to be made safe: words that are selected with the mouse stand in the next free row of "Other words".
const story = document.querySelector("[data-words]");
const form = document.querySelector("[data-edits]");

function selectedWords() {
  const selection = document.getSelection();
  if (!selection || selection.rangeCount === 0 || selection.isCollapsed) return "";
  const range = selection.getRangeAt(0);
  const start = range.startContainer.parentElement?.closest("p.said");
  // Words of two answers are no words of the story.
  if (!start || !story.contains(start) || start !== range.endContainer.parentElement?.closest("p.said")) return "";
  const part = range.cloneContents();
  for (const number of part.querySelectorAll("sup")) number.remove();
  return part.textContent.trim();
}

function take() {
  const words = selectedWords();
  if (!words) return;
  const boxes = [...form.querySelectorAll("[data-row] > input")];
  const box = boxes.find((one) => one.value === "" || one.value === words) ?? boxes.at(-1);
  box.value = words;
}

story.addEventListener("mouseup", take);
document.getElementById("refused")?.focus();
