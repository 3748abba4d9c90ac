"""A bad network between phones and a server: late, narrow, stalling, with tunnels. In user space, for one machine."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Weather:
    """How bad it is. Delays in seconds each way, `bytes_per_second` for each phone and direction."""

    delay: float = 0.0
    jitter: float = 0.0
    stalls: float = 0.0
    stall_seconds: float = 1.0
    bytes_per_second: float = 1e9


# What a phone at the edge of a village has: 300 ± 100 ms, 3 % of packets stall, 32 kbit/s.
SECOND_GENERATION = Weather(delay=0.3, jitter=0.1, stalls=0.03, stall_seconds=1.0, bytes_per_second=4000)


@dataclass
class SlowNetwork:
    """A proxy that every phone goes through. `carried` counts bytes, by direction, over all phones."""

    target: int
    weather: Weather
    seed: int = 1
    port: int = 0
    carried: dict[str, int] = field(default_factory=lambda: {"up": 0, "down": 0})
    _pipes: set[asyncio.StreamWriter] = field(default_factory=set)
    _tunnel: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def into_the_tunnel(self) -> None:
        """From now on nothing arrives, in either direction, and nobody is told."""
        self._tunnel.clear()

    def out_of_the_tunnel(self) -> None:
        """What waited arrives now."""
        self._tunnel.set()

    def cut(self) -> None:
        """Every connection is gone without a word, like a Wi-Fi that is switched off."""
        for pipe in list(self._pipes):
            pipe.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Join one phone to the server."""
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        self._pipes |= {writer, there_writer}
        chance = random.Random(f"{self.seed}-{len(self._pipes)}")
        one = asyncio.create_task(self._pass_on(reader, there_writer, "up", chance))
        other = asyncio.create_task(self._pass_on(there_reader, writer, "down", chance))
        self._tasks |= {one, other}
        await asyncio.wait({one, other}, return_when=asyncio.FIRST_COMPLETED)
        for pipe in (writer, there_writer):
            pipe.close()
        self._pipes -= {writer, there_writer}

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str, chance: random.Random
    ) -> None:
        loop = asyncio.get_running_loop()
        free_at = loop.time()
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while data := await reader.read(1400):
                self.carried[way] += len(data)
                free_at = max(free_at, loop.time()) + len(data) / self.weather.bytes_per_second
                late = self.weather.delay + chance.uniform(-1, 1) * self.weather.jitter
                if chance.random() < self.weather.stalls:
                    late += self.weather.stall_seconds
                # In order, as TCP keeps it: what stalls holds up what comes behind it.
                await asyncio.sleep(max(0.0, free_at - loop.time() + late))
                await self._tunnel.wait()
                writer.write(data)
                await writer.drain()

    def end(self) -> None:
        """Stop carrying."""
        self.cut()
        for task in self._tasks:
            task.cancel()


@asynccontextmanager
async def slow_network(target: int, weather: Weather, seed: int = 1) -> AsyncIterator[SlowNetwork]:
    """Put a bad network before the server on this port, for as long as the block lasts."""
    network = SlowNetwork(target, weather, seed)
    network.out_of_the_tunnel()
    server = await asyncio.start_server(network.carry, "127.0.0.1", 0)
    network.port = server.sockets[0].getsockname()[1]
    try:
        yield network
    finally:
        network.end()
        server.close()
