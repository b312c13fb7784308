"""A worker in a pool of Nest servers: PyZMQ and the standard library.

    python3 worker.py tcp://127.0.0.1:5555 python-1

It speaks two dialects of PROTOCOL.md: tracked, for clients of a few lines, and as much of negotiated
as it takes to leave without losing a call. It has no streams, no events and no cancellation, so it
does not name them among its capabilities, and no client sends it any.
"""

import asyncio
import json
import logging
import signal
import statistics
import sys

import zmq
import zmq.asyncio

ENDPOINT, SERVER_ID = sys.argv[1:3]

# How many calls may run or wait. Clients of the negotiated dialect take further ones elsewhere.
PLACES = 64


def summarize(numbers):
    return {
        "mean": statistics.fmean(numbers),
        "median": statistics.median(numbers),
        "deviation": statistics.stdev(numbers),
        "by": SERVER_ID,
    }


HANDLERS = {"summarize": summarize}

# How to read the data of a negotiated request.
TYPES = {"json": lambda body: json.loads(body or "null"), "text": bytes.decode, "bytes": bytes}


def encode(value):
    return json.dumps(value, allow_nan=False).encode()  # NaN is no JSON


def error(message):
    return encode({"status": "error", "message": message})


def run(pattern, data):
    """Returns the status and the body of the reply."""
    try:
        if not isinstance(pattern, str) or pattern not in HANDLERS:
            raise LookupError("There is no matching message handler defined in the remote service.")
        return "last", encode(HANDLERS[pattern](data))
    except Exception as reason:
        return "error", error(str(reason))


class Worker:
    def __init__(self, socket):
        self.socket = socket
        self.state = "ready"
        self.calls = {}  # client and id: the task that answers
        self.clients = {}  # those that understand GOODBYE: when they count as gone
        self.unread = set()  # those that were sent something since the last GOODBYE
        self.goodbyes = {}  # those that have not answered it: what waits for that

    async def serve(self):
        commands = {b"PING": self.ping, b"REQUEST": self.request, b"GOODBYE": self.goodbye}
        while True:
            client, *frames = await self.socket.recv_multipart()
            try:
                _, command, *args = frames
                await commands[command](client, *args)
            except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
                # Whatever a client sends: the worker lives, and the connection stays.
                logging.debug("malformed, dropped: %r", frames, exc_info=True)

    async def ping(self, client, ping_id, time, hello=None):
        if hello is None:
            # In the tracked dialect, a server that leaves can only be silent.
            if self.state == "ready":
                await self.socket.send_multipart([client, b"", b"PONG", ping_id, time])
            return
        said = json.loads(hello)
        if "drain" in said.get("capabilities", []):
            self.remember(client, said.get("heartbeat", 1000))
        if said.get("state") == "draining":
            self.has_read(client)
        mine = encode({"id": SERVER_ID, "capabilities": ["drain"], "state": self.state})
        await self.socket.send_multipart([client, b"", b"PONG", ping_id, time, mine])

    def remember(self, client, heartbeat):
        now = asyncio.get_running_loop().time()
        if client not in self.clients:
            self.clients = {each: gone for each, gone in self.clients.items() if gone > now}
            self.unread &= self.clients.keys()
        # Ten heartbeats, which are in ms and no longer than a minute.
        self.clients[client] = now + max(10, min(heartbeat, 60_000) / 100)

    async def request(self, client, request_id, body, headers=None):
        is_negotiated = headers is not None
        if is_negotiated:
            header = json.loads(headers)
            pattern, data = header["pattern"], TYPES[header.get("type", "json")](body)
        else:
            pattern, data = read_packet(body)
        call = client, request_id
        if call in self.calls:
            return  # the same call once more: it runs
        reason = self.reason_to_refuse(is_negotiated)
        if reason is None:
            # In a thread, so that PINGs are answered meanwhile.
            task = self.answer(call, is_negotiated, pattern, data)
            self.calls[call] = asyncio.create_task(task)
        elif is_negotiated:
            refusal = encode({"reason": reason, "message": f"{SERVER_ID} is {reason}"})
            await self.reply(call, is_negotiated, "refused", refusal)
        else:
            await self.reply(call, is_negotiated, "error", error(f"{SERVER_ID} is {reason}"))

    def reason_to_refuse(self, is_negotiated):
        if is_negotiated and self.state == "draining":
            return "draining"
        return "busy" if len(self.calls) >= PLACES else None

    async def answer(self, call, is_negotiated, pattern, data):
        try:
            status, body = await asyncio.to_thread(run, pattern, data)
            await self.reply(call, is_negotiated, status, body)
        finally:
            del self.calls[call]

    async def reply(self, call, is_negotiated, status, body):
        client, request_id = call
        headers = [encode({"status": status})] if is_negotiated else []
        await self.socket.send_multipart([client, b"", b"REPLY", request_id, body, *headers])
        if client in self.clients:
            self.unread.add(client)

    async def goodbye(self, client):
        """That client leaves."""
        self.clients.pop(client, None)
        self.unread.discard(client)
        self.has_read(client)

    def has_read(self, client):
        if client in self.goodbyes:
            self.goodbyes.pop(client).set_result(None)

    async def leave(self):
        """Takes no further calls, answers those that it has, and waits until that was read."""
        self.state = "draining"
        await self.say_goodbye(self.clients)
        if self.calls:
            await asyncio.wait(list(self.calls.values()), timeout=10)
        await self.say_goodbye(self.unread)
        await asyncio.sleep(0.1)  # clients of the tracked dialect cannot say that they have read it

    async def say_goodbye(self, clients):
        """Each client answers with a PING, when it has read what it was sent before."""
        new_future = asyncio.get_running_loop().create_future
        self.goodbyes = {client: new_future() for client in clients}
        answers = list(self.goodbyes.values())
        self.unread.clear()
        for client in list(self.goodbyes):
            await self.socket.send_multipart([client, b"", b"GOODBYE"])
        if answers:
            await asyncio.wait(answers, timeout=1)


def read_packet(body):
    """Returns pattern and data of a request of the tracked dialect."""
    try:
        packet = json.loads(body)
        return packet["pattern"], packet.get("data")
    except (KeyError, TypeError, ValueError):
        return "REQUEST", body.decode()


async def main():
    context = zmq.asyncio.Context()
    socket = context.socket(zmq.ROUTER)
    socket.maxmsgsize = 16 * 2**20  # what clients assume
    socket.bind(ENDPOINT)
    worker = Worker(socket)
    serving = asyncio.create_task(worker.serve())
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    print(f"{SERVER_ID} listens at {ENDPOINT}", flush=True)
    leaving = asyncio.create_task(told.wait())
    await asyncio.wait([serving, leaving], return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        serving.result()  # raises what has ended it
    await worker.leave()
    serving.cancel()
    context.destroy(linger=1000)


asyncio.run(main())
