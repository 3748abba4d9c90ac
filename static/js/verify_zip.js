// Zips and digests for checking a pack in the browser: read one from any bytes, write one as packs are written.
// Follows evidence/zip_reader.py and evidence/exports.py to the letter.

const FARTHEST_END = 65535 + 22;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const NEVER_IN_NAMES = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

export class NoZip extends Error {}

// --- digests: our own, because a page on plain HTTP is given none --------------------------------------------

const K = new Uint32Array(64);
const START = new Uint32Array(8);
for (let number = 2, found = 0; found < 64; number += 1) {
  let prime = true;
  for (let by = 2; by * by <= number; by += 1) prime = prime && number % by !== 0;
  if (!prime) continue;
  K[found] = fraction(Math.cbrt(number));
  if (found < 8) START[found] = fraction(Math.sqrt(number));
  found += 1;
}

function fraction(number) {
  return Math.floor((number % 1) * 4294967296);
}

/** Return the SHA-256 of bytes, in hex. */
export function sha256(bytes) {
  const state = START.slice();
  const words = new Uint32Array(64);
  const whole = bytes.length - (bytes.length % 64);
  for (let at = 0; at < whole; at += 64) mix(state, words, bytes, at);
  const rest = bytes.length - whole;
  const last = new Uint8Array(rest < 56 ? 64 : 128);
  last.set(bytes.subarray(whole));
  last[rest] = 128;
  const view = new DataView(last.buffer);
  view.setUint32(last.length - 8, Math.floor(bytes.length / 536870912));
  view.setUint32(last.length - 4, (bytes.length << 3) >>> 0);
  for (let at = 0; at < last.length; at += 64) mix(state, words, last, at);
  return Array.from(state, (word) => word.toString(16).padStart(8, "0")).join("");
}

function mix(state, words, bytes, at) {
  for (let i = 0; i < 16; i += 1) {
    const place = at + i * 4;
    words[i] = (bytes[place] << 24) | (bytes[place + 1] << 16) | (bytes[place + 2] << 8) | bytes[place + 3];
  }
  for (let i = 16; i < 64; i += 1) {
    const near = words[i - 2];
    const far = words[i - 15];
    const one = ((far >>> 7) | (far << 25)) ^ ((far >>> 18) | (far << 14)) ^ (far >>> 3);
    const two = ((near >>> 17) | (near << 15)) ^ ((near >>> 19) | (near << 13)) ^ (near >>> 10);
    words[i] = words[i - 16] + one + words[i - 7] + two;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i += 1) {
    const one = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + one + ((e & f) ^ (~e & g)) + K[i] + words[i]) | 0;
    const two = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (two + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

const CRC = new Uint32Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  CRC[byte] = value;
}

function crc32(bytes) {
  let value = -1;
  for (let at = 0; at < bytes.length; at += 1) value = CRC[(value ^ bytes[at]) & 255] ^ (value >>> 8);
  return ~value >>> 0;
}

// --- reading --------------------------------------------------------------------------------------------------

/** Return what the central directory names, at most `most` entries and one more. Throws NoZip. */
export function entriesIn(pack, most) {
  const view = new DataView(pack.buffer, pack.byteOffset, pack.byteLength);
  let end = pack.length - 4;
  const farthest = Math.max(0, pack.length - FARTHEST_END);
  while (end >= farthest && view.getUint32(end, true) !== 0x06054b50) end -= 1;
  if (end < farthest || end + 22 > pack.length) throw new NoZip();
  let place = end - view.getUint32(end + 12, true);
  const moved = place - view.getUint32(end + 16, true);
  if (place < 0 || moved < 0) throw new NoZip();
  const entries = [];
  while (place < end) {
    if (place + 46 > end || view.getUint32(place, true) !== 0x02014b50) throw new NoZip();
    const named = view.getUint16(place + 28, true);
    const following =
      place + 46 + named + view.getUint16(place + 30, true) + view.getUint16(place + 32, true);
    if (following > end) throw new NoZip();
    const rawName = pack.subarray(place + 46, place + 46 + named);
    entries.push({
      ...nameOf(rawName),
      rawName,
      flags: view.getUint16(place + 8, true),
      method: view.getUint16(place + 10, true),
      crc: view.getUint32(place + 16, true),
      packed: view.getUint32(place + 20, true),
      size: view.getUint32(place + 24, true),
      at: view.getUint32(place + 42, true) + moved,
    });
    if (entries.length > most) return entries;
    place = following;
  }
  return entries;
}

function nameOf(raw) {
  let name;
  try {
    name = UTF8.decode(raw);
  } catch {
    return { name: String.fromCharCode(...raw), staysInside: false };
  }
  const parts = name.split("/");
  const plain = !parts.some((part) => part === "" || part === "." || part === "..");
  return { name, staysInside: plain && !/[\\:]/.test(name) && !NEVER_IN_NAMES.test(name) };
}

/** Return what an entry holds, or null when it is damaged or packed in a way that packs are not. */
export async function contentOf(pack, entry) {
  if (entry.flags & 0x61 || entry.at + 30 > pack.length) return null;
  const view = new DataView(pack.buffer, pack.byteOffset + entry.at, 30);
  const named = view.getUint16(26, true);
  if (view.getUint32(0, true) !== 0x04034b50 || named !== entry.rawName.length) return null;
  let start = entry.at + 30;
  if (start + named > pack.length) return null;
  for (let i = 0; i < named; i += 1) if (pack[start + i] !== entry.rawName[i]) return null;
  start += named + view.getUint16(28, true);
  if (start + entry.packed > pack.length) return null;
  const packed = pack.subarray(start, start + entry.packed);
  let content = null;
  if (entry.method === 0) content = packed.length === entry.size ? packed : null;
  if (entry.method === 8) content = await inflated(packed, entry.size);
  return content !== null && crc32(content) === entry.crc ? content : null;
}

async function inflated(packed, size) {
  const content = new Uint8Array(size);
  let place = 0;
  try {
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return place === size ? content : null;
      // It lies about its size: no bomb goes off.
      if (place + value.length > size) {
        reader.cancel().catch(() => {});
        return null;
      }
      content.set(value, place);
      place += value.length;
    }
  } catch {
    return null;
  }
}

// --- writing, as packs are written: stored, all at one moment --------------------------------------------------

/** Return the zip that holds these files ([[path, bytes], ...]) in this order, as the site would write it. */
export function zipBytes(files) {
  const parts = [];
  const directory = [];
  let place = 0;
  for (const [path, data] of files) {
    const name = new TextEncoder().encode(path);
    const flags = /^[\u0000-\u007f]*$/.test(path) ? 0 : 0x800;
    const shared = [20, flags, 0, 0, 33].flatMap(two);
    const sizes = [...four(crc32(data)), ...four(data.length), ...four(data.length), ...two(name.length), 0, 0];
    parts.push(Uint8Array.from([0x50, 0x4b, 3, 4, ...shared, ...sizes]), name, data);
    const where = [0, 0, 0, 0, 0, 0, ...four(0x81a40000), ...four(place)];
    directory.push(Uint8Array.from([0x50, 0x4b, 1, 2, 20, 3, ...shared, ...sizes, ...where]), name);
    place += 30 + name.length + data.length;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const count = two(files.length);
  const end = [0x50, 0x4b, 5, 6, 0, 0, 0, 0, ...count, ...count, ...four(length), ...four(place), 0, 0];
  return joined([...parts, ...directory, Uint8Array.from(end)]);
}

function two(value) {
  return [value & 255, (value >>> 8) & 255];
}

function four(value) {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255];
}

/** Return several pieces of bytes as one. */
export function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

/** Say whether two pieces of bytes are the same. */
export function same(one, other) {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
}
