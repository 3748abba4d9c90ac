// A bare Socket.IO server: it answers and stores nothing. The mark that a durable vote is held against.
const { createServer } = require("http");
const { Server } = require("socket.io");
const web = createServer();
const io = new Server(web, { transports: ["websocket"], perMessageDeflate: false, maxHttpBufferSize: 4096 });
io.of("/audience").on("connection", (socket) => {
  socket.join("hall");
  socket.emit("cue", { v: 1, seq: 0 });
  socket.on("cast", (ballot, ack) => ack({ ok: true, receipt: "7F3K", rev: ballot.rev }));
  socket.on("shout", (cue, ack) => { io.of("/audience").to("hall").emit("cue", cue); ack({ ok: true }); });
});
web.listen(0, "127.0.0.1", 4096, () => console.log(web.address().port));
