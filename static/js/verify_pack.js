// Check a pack: is every file what the manifest says, is there nothing else, and who signed it? Takes any bytes and
// never throws. Does what evidence/verify.py does, by the same rules and with the same names.
import { contentOf, entriesIn, joined, same, sha256, zipBytes } from "./verify_zip.js";

export const MOST_BYTES = 256 * 1024 * 1024;
const MOST_FILES = 2000;
const MOST_NESTED = 100;
const WHOLE_FILE = "(the zip itself)";
const AUDIT_HEAD = "(audit head)";
const MANIFEST = "manifest.json";
const SIGNATURE = "manifest.sig";
const AUDIT_CHAIN = "audit.txt";

class Stop extends Error {
  constructor(path, finding) {
    super(path);
    this.difference = [path, finding];
  }
}

/**
 * Return { differences: [[path, finding], ...], signedBy, unchecked }. `signedBy` is the public key whose signature
 * holds; `unchecked` that there is a signature which this browser cannot check.
 */
export async function check(pack, { key = "", auditHead = "" } = {}) {
  const found = new Map();
  const add = (path, finding) => found.set(`${path}\u0000${finding}`, [path, finding]);
  try {
    const { files, damaged } = await unzipped(pack);
    const { listed, manifest } = readManifest(files, damaged);
    for (const difference of damaged) add(...difference);
    const named = new Set(damaged.map(([path]) => path));
    const vouched = isSealed(files.get(MANIFEST));
    if (!vouched) add(MANIFEST, "changed");
    for (const [path, { size, digest }] of listed) {
      const data = files.get(path);
      if (data === undefined) {
        if (!named.has(path)) add(path, "missing");
      } else if (data.length !== size || sha256(data) !== digest) add(path, "changed");
    }
    for (const path of files.keys()) {
      if (!listed.has(path) && path !== MANIFEST && path !== SIGNATURE) add(path, "added");
    }
    const signer = signerIn(manifest);
    const signature = await signatureOf(files, named, signer, key, vouched);
    for (const finding of signature.findings) add(SIGNATURE, finding);
    if (auditHead && !inChain(files, manifest, auditHead)) add(AUDIT_HEAD, "other_history");
    if (found.size === 0) {
      const order = new Set([...listed.keys(), MANIFEST, ...(files.has(SIGNATURE) ? [SIGNATURE] : [])]);
      if (!same(pack, zipBytes([...order].map((path) => [path, files.get(path)])))) add(WHOLE_FILE, "rewrapped");
    }
    const differences = [...found.values()].sort(byPath);
    const holds = signer && vouched && !differences.some(([path]) => path === SIGNATURE);
    return { differences, signedBy: holds ? signer : "", unchecked: Boolean(holds) && signature.unchecked };
  } catch (stop) {
    if (!(stop instanceof Stop)) throw stop;
    return { differences: [stop.difference], signedBy: "", unchecked: false };
  }
}

/** Return the fingerprint of a public key in hex. */
export function fingerprintOf(key) {
  return sha256(fromHex(key));
}

async function unzipped(pack) {
  if (pack.length > MOST_BYTES) throw new Stop(WHOLE_FILE, "too_large");
  let entries;
  try {
    entries = entriesIn(pack, MOST_FILES);
  } catch {
    throw new Stop(WHOLE_FILE, "no_pack");
  }
  // Before anything is unpacked: a bomb says how large it is, and what it does not say is never read.
  if (entries.length > MOST_FILES || entries.reduce((sum, entry) => sum + entry.size, 0) > MOST_BYTES) {
    throw new Stop(WHOLE_FILE, "too_large");
  }
  const damaged = [];
  const seen = new Set();
  for (const { name } of entries) {
    if (seen.has(name)) damaged.push([name, "twice"]);
    seen.add(name);
  }
  const files = new Map();
  for (const entry of entries) {
    const content = entry.staysInside ? await contentOf(pack, entry) : null;
    if (!entry.staysInside) damaged.push([entry.name, "bad_name"]);
    else if (content === null) damaged.push([entry.name, "unreadable"]);
    else files.set(entry.name, content);
  }
  return { files, damaged };
}

function isSealed(manifest) {
  const text = latin(manifest);
  const seal = /,\n {2}"sha256": "([0-9a-f]{64})"\n\}\n$/.exec(text);
  if (seal === null || seal.index + seal[0].length !== text.length) return false;
  const sealed = joined([manifest.subarray(0, seal.index), Uint8Array.of(10, 125, 10)]);
  return sha256(sealed) === seal[1];
}

function readManifest(files, damaged) {
  const data = files.get(MANIFEST);
  if (data === undefined) {
    const unreadable = damaged.some(([path]) => path === MANIFEST);
    throw unreadable ? new Stop(MANIFEST, "unreadable") : new Stop(WHOLE_FILE, "no_pack");
  }
  const changed = new Stop(MANIFEST, "changed");
  let manifest;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    let depth = 0;
    for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
      depth += bracket === "[" || bracket === "{" ? 1 : -1;
      if (depth > MOST_NESTED) throw changed;
    }
    manifest = JSON.parse(text);
  } catch {
    throw changed;
  }
  if (!isObject(manifest) || !Array.isArray(manifest.files)) throw changed;
  const listed = new Map();
  for (const entry of manifest.files) {
    if (!isObject(entry) || typeof entry.path !== "string" || typeof entry.sha256 !== "string") throw changed;
    if (!Number.isInteger(entry.bytes)) throw changed;
    listed.set(entry.path, { size: entry.bytes, digest: entry.sha256 });
  }
  if (Object.hasOwn(manifest, "signed_by") && !signerIn(manifest)) throw changed;
  return { listed, manifest };
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function signerIn(manifest) {
  const by = Object.hasOwn(manifest, "signed_by") ? manifest.signed_by : null;
  if (!isObject(by) || by.algorithm !== "Ed25519" || typeof by.public_key !== "string") return "";
  const known = /^[0-9a-f]{64}$/.test(by.public_key) && by.public_key.length === 64;
  return known && fingerprintOf(by.public_key) === by.fingerprint ? by.public_key : "";
}

async function signatureOf(files, named, signer, key, vouched) {
  if (!files.has(SIGNATURE)) {
    const wanted = (signer || key) && !named.has(SIGNATURE);
    return { findings: wanted ? ["missing"] : [], unchecked: false };
  }
  if (!signer) return { findings: ["added"], unchecked: false };
  const findings = [];
  // A manifest that does not fit its own seal was accused already, and fits no signature either.
  const signed = vouched ? await isSigned(signer, files.get(MANIFEST), latin(files.get(SIGNATURE))) : true;
  if (signed === false) findings.push("forged");
  if (key && key !== signer) findings.push("other_key");
  return { findings, unchecked: signed === null };
}

/** Say whether a signature holds; null when this browser cannot say. */
async function isSigned(key, manifest, signature) {
  if (!/^[0-9a-f]{128}$/.test(signature) || signature.length !== 128) return false;
  try {
    const known = await crypto.subtle.importKey("raw", fromHex(key), { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, known, fromHex(signature), manifest);
  } catch {
    return null;
  }
}

function inChain(files, manifest, head) {
  const audit = Object.hasOwn(manifest, "audit") ? manifest.audit : null;
  if (isObject(audit) && typeof audit.sha256 === "string" && audit.sha256.startsWith(head)) return true;
  const lines = latin(files.get(AUDIT_CHAIN) ?? new Uint8Array()).split("\n");
  return lines.some((line) => line.includes(" ") && line.slice(line.indexOf(" ") + 1).startsWith(head));
}

/** Return bytes as a text of as many characters. */
function latin(bytes) {
  return new TextDecoder("latin1").decode(bytes);
}

function fromHex(hex) {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** Order as Python does: by code points, not by halves of them. */
function byPath([onePath, oneFinding], [otherPath, otherFinding]) {
  return byCodePoints(onePath, otherPath) || byCodePoints(oneFinding, otherFinding);
}

function byCodePoints(one, other) {
  const [left, right] = [[...one], [...other]];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    if (left[i] !== right[i]) return left[i].codePointAt(0) - right[i].codePointAt(0);
  }
  return left.length - right.length;
}
