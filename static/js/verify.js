// The page that checks a pack: the file is read here, nothing of it leaves the device.
import { MOST_BYTES, check, fingerprintOf } from "./verify_pack.js";
import { sha256 } from "./verify_zip.js";

const form = document.querySelector("[data-check]");
const answer = document.querySelector("[data-answer]");

function say(name, places = {}) {
  const said = document.querySelector(`template[data-say="${name}"], template[data-finding="${name}"]`);
  const piece = said.content.firstElementChild.cloneNode(true);
  for (const [place, words] of Object.entries(places)) {
    const slot = piece.querySelector(`[data-f="${place}"]`);
    if (slot) slot.textContent = words;
  }
  return piece;
}

function typed(name) {
  return form.elements[name].value.replace(/\s/g, "").toLowerCase();
}

/** Write a fingerprint in eights, as the pack's page does. */
function inEights(digits) {
  return digits.match(/.{8}/g).join(" ");
}

async function asked() {
  const [key, auditHead] = [typed("key"), typed("head")];
  if (key && !/^[0-9a-f]{64}$/.test(key)) return [say("bad_key")];
  if (auditHead && !/^[0-9a-f]{16,64}$/.test(auditHead)) return [say("bad_head")];
  const [file] = form.elements.pack.files;
  const tooLarge = { differences: [["", "too_large"]] };
  const pack = file.size > MOST_BYTES ? null : new Uint8Array(await file.arrayBuffer());
  return told(pack, pack ? await check(pack, { key, auditHead }) : tooLarge, key, auditHead);
}

function told(pack, found, key, auditHead) {
  if (found.differences.length > 0) {
    const different = say("different");
    const lines = found.differences.map(([path, finding]) => say(finding, { file: path }));
    different.querySelector("ul").append(...lines);
    return [different];
  }
  // What a pack says of itself is no proof: whoever changes it can write its list anew.
  const proved = key && found.signedBy && !found.unchecked;
  const lines = [say(proved ? "intact" : "fits")];
  if (auditHead) lines.push(say("right_head"));
  if (auditHead && !proved) lines.push(say("head_alone"));
  if (found.unchecked) lines.push(say("unchecked"));
  else if (!found.signedBy) lines.push(say("unsigned", { fingerprint: inEights(sha256(pack)) }));
  else if (key) lines.push(say("right_key"));
  else lines.push(say("signed", { fingerprint: inEights(fingerprintOf(found.signedBy)) }));
  return lines;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  answer.replaceChildren(say("working"));
  try {
    answer.replaceChildren(...(await asked()));
  } catch {
    // the file went away while it was read
    answer.replaceChildren(say("different"));
    answer.querySelector("ul").append(say("no_pack"));
  }
  answer.focus();
});

form.hidden = false;
