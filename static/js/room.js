// The connection to the room: a socket that comes back by itself, and plain requests while it cannot.
import { io } from "../vendor/socket.io-client-4.8.4.esm.min.js";

const ASK_AGAIN_MS = 5000;

/** Follow a section. `on.cue(cue)`, `on.link(up)` and others by message name are called as things happen. */
export function follow(namespace, auth, code, on) {
  const socket = io(namespace, {
    transports: ["websocket"],
    auth,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5000,
    randomizationFactor: 0.7, // a hall that lost its Wi-Fi must not come back in one instant
  });
  let newest = 0;
  let etag = "";

  function take(cue) {
    if (cue.seq < newest) return;
    newest = cue.seq;
    on.cue(cue);
  }

  socket.on("cue", take);
  for (const name of ["seat", "tally", "presence", "stops", "news"]) if (on[name]) socket.on(name, on[name]);
  socket.on("connect", () => on.link(true));
  socket.on("disconnect", () => {
    on.link(false);
    // The server closed it on purpose (it is restarting): socket.io would not come back by itself.
    if (!socket.active) setTimeout(() => socket.connect(), 1000 + Math.random() * 4000);
  });
  socket.on("connect_error", (problem) => {
    on.link(false, problem.message);
    if (!socket.active && on.refused) on.refused(problem.message);
  });

  // Where sockets fail for good (old phones, strict networks), the same cue is fetched; 304 while it is the same.
  setInterval(async () => {
    if (socket.connected || document.hidden) return;
    try {
      const answer = await fetch(`/api/v1/doors/${code}/cue`, { headers: etag ? { "If-None-Match": etag } : {} });
      if (answer.status === 200) {
        etag = answer.headers.get("ETag") ?? "";
        take(await answer.json());
      }
    } catch {
      // Still away: the next try is five seconds from now.
    }
  }, ASK_AGAIN_MS);

  // Only one that has given up is started again: asking twice while the first answer is on its way would be
  // refused, and a refused socket is deaf for good.
  const wake = () => { if (!socket.active) socket.connect(); };
  for (const happening of ["online", "pageshow"]) window.addEventListener(happening, wake);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) wake(); });
  return socket;
}
