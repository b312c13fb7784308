"""Calls a pool of servers without a pause, and prints who answers: PyZMQ and the standard library.

    python3 client.py tcp://127.0.0.1:5555 tcp://127.0.0.1:5556

It speaks the tracked dialect of PROTOCOL.md. A call whose server dies or does not answer goes to
another server, so it may run twice: for calls that must not, end `Pool.attempts` after the first.
"""

import asyncio
import itertools
import json
import sys

import zmq
import zmq.asyncio

HEARTBEAT = 0.5  # seconds between two PINGs
MISSES = 3  # so many PINGs without an answer, and the server counts as dead
ATTEMPT = 2  # seconds until a call is tried elsewhere

IDS = itertools.count(1)


class CallError(Exception):
    """What a handler has answered instead of a value."""


class Server:
    """One server: its connection, its heartbeats, and the calls that wait for its replies."""

    def __init__(self, context, endpoint, changed):
        self.context = context
        self.endpoint = endpoint
        self.changed = changed
        self.dealer = None
        self.is_alive = False
        self.waiting = {}  # the id of a request: the future of its reply

    async def watch(self):
        """Holds a connection, and replaces it when the server is dead."""
        while True:
            self.dealer = self.context.socket(zmq.DEALER)
            # Otherwise ZeroMQ keeps requests to a dead server, and they run when it returns.
            self.dealer.immediate = True
            self.dealer.connect(self.endpoint)
            try:
                await self.listen(self.dealer)
            finally:
                self.dealer.close(linger=0)
            self.set_alive(False)
            for reply in self.waiting.values():
                if not reply.done():
                    reply.set_exception(ConnectionError(f"{self.endpoint} does not answer"))

    async def listen(self, dealer):
        """Returns when the server is dead."""
        now = asyncio.get_running_loop().time  # monotonic: nobody sets that clock
        ping_at = now()
        unanswered = 0
        while True:
            if await dealer.poll(max(0, ping_at - now()) * 1000):
                frames = await dealer.recv_multipart()
                if len(frames) != 4 or frames[1] not in (b"PONG", b"REPLY"):
                    continue
                _, command, message_id, body = frames
                unanswered = 0
                # The first message is a PONG. Until then, the server gets no requests.
                self.set_alive(True)
                reply = self.waiting.get(message_id) if command == b"REPLY" else None
                # Nobody waits for a reply with an old id: it comes too late, and is dropped.
                if reply and not reply.done():
                    reply.set_result(body)
            elif now() >= ping_at:
                # One may be late. After two, others are asked.
                if unanswered == 2:
                    self.set_alive(False)
                if unanswered == MISSES:
                    return
                await send(dealer, b"PING", str(next(IDS)).encode(), b"")
                unanswered += 1
                ping_at = now() + HEARTBEAT

    def set_alive(self, is_alive):
        self.is_alive = is_alive
        self.changed.set()

    async def ask(self, body):
        request_id = str(next(IDS)).encode()
        reply = self.waiting[request_id] = asyncio.get_running_loop().create_future()
        try:
            if not await send(self.dealer, b"REQUEST", request_id, body):
                raise ConnectionError(f"{self.endpoint} is not connected")
            return await asyncio.wait_for(reply, ATTEMPT)
        finally:
            del self.waiting[request_id]


async def send(dealer, *frames):
    """Returns whether there is a connection that takes it."""
    try:
        await dealer.send_multipart([b"", *frames], zmq.DONTWAIT)
        return True
    except zmq.Again:
        return False


class Pool:
    """Calls the server with the fewest open calls, and another one if that does not answer."""

    def __init__(self, context, endpoints):
        self.changed = asyncio.Event()
        self.servers = [Server(context, endpoint, self.changed) for endpoint in endpoints]
        self.tasks = [asyncio.create_task(server.watch()) for server in self.servers]

    async def call(self, pattern, data, timeout):
        """Raises asyncio.TimeoutError once the deadline has passed, whatever was tried until then."""
        body = json.dumps({"pattern": pattern, "data": data}).encode()
        value = json.loads(await asyncio.wait_for(self.attempts(body), timeout))
        if isinstance(value, dict) and value.get("status") == "error":
            raise CallError(value.get("message"))
        return value

    async def attempts(self, body):
        tried = set()  # a connection is asked once: its server may still be at it
        while True:
            server = await self.pick(tried)
            tried.add(server.dealer)
            try:
                return await server.ask(body)
            except (asyncio.TimeoutError, ConnectionError):
                pass  # elsewhere, then

    async def pick(self, tried):
        while True:
            able = [each for each in self.servers if each.is_alive and each.dealer not in tried]
            if able:
                return min(able, key=lambda server: len(server.waiting))
            self.changed.clear()
            await self.changed.wait()


async def call_on_and_on(pool):
    while True:
        try:
            summary = await pool.call("summarize", [3, 1, 4, 1, 5, 9, 2, 6], timeout=10)
            print(summary["by"], flush=True)
        except (asyncio.TimeoutError, CallError) as error:
            print(f"failed: {error!r}", flush=True)
        await asyncio.sleep(0.01)


async def main():
    pool = Pool(zmq.asyncio.Context(), sys.argv[1:])
    # What ends one of these tasks ends the program.
    await asyncio.gather(*pool.tasks, *(call_on_and_on(pool) for _ in range(4)))


try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
