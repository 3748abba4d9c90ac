"""Sixty people with phones of their own, beside the few that are looked at; and a desk that is in a hurry."""

import asyncio
import secrets
import threading
from collections import Counter
from collections.abc import Coroutine, Mapping
from typing import Any

from scenario_app.phones import Phone
from tests.halls import Hall, act, see

Json = dict[str, Any]


class Crowd:
    """Simulated phones on real sockets, in a thread of their own: Playwright keeps this one's loop."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.phones: list[Phone] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def do(self, doing: Coroutine[Any, Any, Any]) -> Any:
        """Run something among the phones and wait for it."""
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(90)

    def come_in(self, count: int, role: str | None = None) -> None:
        """Take seats and connect."""

        async def come() -> None:
            seats = await asyncio.gather(
                *(asyncio.to_thread(self.hall.seat, role) for _phone in range(count))
            )
            phones = [Phone(self.hall.server.url, seat) for seat in seats]
            await asyncio.gather(*(phone.join() for phone in phones))
            await asyncio.gather(*(phone.until(lambda it: it.cue is not None) for phone in phones))
            self.phones += phones

        self.do(come())

    def vote(self, round_id: int, votes: Mapping[str, int]) -> Counter[str]:
        """Let as many vote for each response as is said, each of them twice with the same key."""

        async def one(phone: Phone, response: str) -> None:
            await phone.until(lambda it: it.cue is not None and (it.cue["round"] or {}).get("id") == round_id)
            key = secrets.token_hex(8)
            for _time in range(2):
                ack = await phone.cast(round_id, response, key=key)
                assert ack["ok"], ack

        chosen = [response for response, count in votes.items() for _vote in range(count)]
        assert len(chosen) <= len(self.phones)
        self.do(_all(one(phone, response) for phone, response in zip(self.phones, chosen, strict=False)))
        return Counter(votes)

    def say(self, count: int, name: str, fields: Mapping[str, object]) -> int:
        """Let this many say the same thing, each on their own, and return how many were heard."""

        async def one(phone: Phone) -> int:
            ack = await phone.ask(name, {**fields, "key": secrets.token_hex(8)})
            return int(bool(ack["ok"]))

        return sum(self.do(_all(one(phone) for phone in self.phones[:count])))

    def play_through(self, performance: int, votes: Mapping[str, int]) -> list[tuple[str, Counter[str]]]:
        """Run one play from a desk of one's own, the crowd voting at each decision; return what was voted."""

        async def play() -> list[tuple[str, Counter[str]]]:
            voted: list[tuple[str, Counter[str]]] = []
            async with self.hall.desk() as desk:
                if desk.cue["section"]["door"] != "open":
                    await act(desk, "set_door", open=True)
                cue = await act(desk, "start_performance", performance=performance)
                while cue["scene"]["kind"] != "ending":
                    ack = await desk.act("go_on")
                    if ack["ok"]:
                        await desk.until(lambda it, seq=ack["seq"]: it.cue["seq"] >= seq)
                        cue = desk.cue
                        continue
                    cue = await act(desk, "open_round")
                    round_ = cue["round"]
                    offered = [response["key"] for response in round_["responses"]]
                    wanted = {key: count for key, count in votes.items() if key in offered}
                    await see(self.phones, cue["seq"])
                    chosen = [key for key, count in wanted.items() for _vote in range(count)]
                    acks = await asyncio.gather(
                        *(
                            phone.cast(round_["id"], key)
                            for phone, key in zip(self.phones, chosen, strict=False)
                        )
                    )
                    assert all(ack["ok"] for ack in acks)
                    voted.append((round_["decision"], Counter(wanted)))
                    await act(desk, "close_round", round=round_["id"])
                    await act(desk, "reveal", round=round_["id"])
                    cue = await act(desk, "take_branch", round=round_["id"])
                await act(desk, "end_performance")
            return voted

        return self.do(play())

    def leave(self) -> None:
        """Go home."""

        async def go() -> None:
            for phone in self.phones:
                phone.leave()
            while any(phone.is_connected for phone in self.phones):
                await asyncio.sleep(0.01)
            await asyncio.get_running_loop().shutdown_default_executor()

        self.do(go())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


async def _all(doings: Any) -> list[Any]:
    return list(await asyncio.gather(*doings))
