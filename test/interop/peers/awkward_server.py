"""A server as awkward as its dialect allows. It is there to catch clients; do not copy it.

It takes all the requests that it can get before it answers them, the newest first, each with the
data of its packet. Requests of the pattern `late` wait for the others: it answers them right
before the next ones.

    python3 awkward_server.py tcp://127.0.0.1:5555 server-1 basic|tracked|guide
"""

import json
import sys

import zmq

from service import ENDPOINT, SERVER_ID, ready

QUIET_MS = 5

dialect = sys.argv[3]
# What stands before the id, if there is one, and the body.
REPLY = [] if dialect == "guide" else [b"", b"REPLY"]
server = zmq.Context().socket(zmq.ROUTER)
if dialect == "guide":
    server.routing_id = ENDPOINT.encode()
server.bind(ENDPOINT)
ready(server)

late, prompt = [], []
while True:
    if prompt and not server.poll(QUIET_MS):
        for client, reply in late + prompt[::-1]:
            server.send_multipart([client, *REPLY, *reply])
        print(json.dumps({"late": len(late), "prompt": len(prompt)}), flush=True)
        late, prompt = [], []
    client, *frames = server.recv_multipart()
    if frames == [b"PING"]:
        server.send_multipart([client, b"PONG"])
    elif frames[:2] == [b"", b"PING"]:
        pong = [SERVER_ID.encode()] if dialect == "basic" else frames[2:4]
        server.send_multipart([client, b"", b"PONG", *pong])
    elif dialect == "guide" or frames[:2] == [b"", b"REQUEST"]:
        *request_id, body = frames[len(REPLY) :]
        packet = json.loads(body)
        reply = [*request_id, json.dumps(packet["data"]).encode()]
        if packet["pattern"] == "late":
            late.append((client, reply))
            print(json.dumps({"withheld": packet["data"]}), flush=True)
        else:
            prompt.append((client, reply))
