// Fill markup from data: data-f text, data-if shown or not, data-each rows from the <template> inside,
// (data-keep: stays), data-set attributes, data-class classes. Text goes in through textContent, always.

export function at(data, path) {
  return path.split(".").reduce((value, name) => (value === null || value === undefined ? undefined : value[name]), data);
}

function holds(data, test) {
  const wanted = !test.startsWith("!");
  const value = at(data, wanted ? test : test.slice(1));
  return Boolean(value) === wanted;
}

function pairs(spec) {
  return spec.split(";").map((pair) => pair.split(":").map((word) => word.trim()));
}

function fillOne(element, data) {
  const { dataset } = element;
  if (dataset.if !== undefined) {
    const shown = holds(data, dataset.if);
    element.toggleAttribute("hidden", !shown);
    if (!shown) return false;
  }
  if (dataset.f !== undefined) {
    const value = at(data, dataset.f);
    element.textContent = value === null || value === undefined ? "" : String(value);
  }
  if (dataset.set) for (const [name, path] of pairs(dataset.set)) element.setAttribute(name, String(at(data, path) ?? ""));
  if (dataset.class) for (const [name, path] of pairs(dataset.class)) element.classList.toggle(name, Boolean(at(data, path)));
  if (dataset.each) {
    for (const kept of element.querySelectorAll(":scope > [data-keep]")) fill(kept, data);
    fillRows(element, at(data, dataset.each) ?? []);
    return false;
  }
  return dataset.f === undefined;
}

function fillRows(element, rows) {
  const template = element.querySelector(":scope > template");
  for (const old of [...element.children]) if (old !== template && !("keep" in old.dataset)) old.remove();
  for (const text of [...element.childNodes]) if (text.nodeType === Node.TEXT_NODE) text.remove();
  for (const row of rows) {
    const made = template.content.cloneNode(true);
    for (const child of made.children) fill(child, row);
    element.append(made);
  }
}

/** Fill an element and everything in it from plain data. */
export function fill(element, data) {
  if (fillOne(element, data)) for (const child of element.children) fill(child, data);
}

/** Show one of several sections marked data-view; return whether that is another one than before. */
export function showView(root, name) {
  let changed = false;
  for (const view of root.querySelectorAll(":scope [data-view]")) {
    const shown = view.dataset.view === name;
    if (shown === view.hidden) changed = true;
    view.hidden = !shown;
  }
  return changed;
}

/** Words of a script are in its language, whichever one the page speaks: `language` is [code, direction]. */
export function speakScript(language) {
  if (!language) return;
  for (const words of document.querySelectorAll("[data-script]")) [words.lang, words.dir] = language;
}

/** What a vote beside the play asks is in the page's language; of scripts, that of the play. */
export function speakVote(about) {
  if (!about || about === "decision") return;
  const { lang, dir } = document.documentElement;
  for (const view of document.querySelectorAll("[data-view=deciding],[data-view=counted],[data-view=closed],[data-view=revealed]")) {
    for (const words of view.querySelectorAll("[data-script]")) [words.lang, words.dir] = [lang, dir];
  }
}

/** What stands in a response's badge; nothing for an answer that is a word. */
export function letter(key) {
  return /^(.|f\d+)$/u.test(key) ? key.toUpperCase() : "";
}

export function share(part, whole) {
  return `${whole ? ((100 * part) / whole).toFixed(1) : 0}%`;
}

/** Choose among the plural forms that the server gave, and put the number in. */
export function counted(forms, number) {
  const form = new Intl.PluralRules(document.documentElement.lang).select(number);
  return (forms[form] ?? forms.other).replace("#", number);
}

export function wordsOf(id) {
  return JSON.parse(document.getElementById(id).textContent);
}
