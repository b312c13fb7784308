"""A server as awkward as its dialect allows. It is there to catch clients; do not copy it.

It takes all the requests that it can get before it answers them, the newest first, each with the
data of its packet. Requests of the pattern `late` wait for the others: it answers them right
before the next ones.

    python3 awkward_server.py tcp://127.0.0.1:5555 server-1 basic|tracked
"""

import json
import sys

import zmq

from service import ENDPOINT, SERVER_ID, ready

QUIET_MS = 5

dialect = sys.argv[3]
server = zmq.Context().socket(zmq.ROUTER)
server.bind(ENDPOINT)
ready(server)

late, prompt = [], []
while True:
    if prompt and not server.poll(QUIET_MS):
        for client, reply in late + prompt[::-1]:
            server.send_multipart([client, b"", b"REPLY", *reply])
        print(json.dumps({"late": len(late), "prompt": len(prompt)}), flush=True)
        late, prompt = [], []
    client, empty, command, *args = server.recv_multipart()
    if command == b"PING":
        pong = [SERVER_ID.encode()] if dialect == "basic" else args[:2]
        server.send_multipart([client, empty, b"PONG", *pong])
    elif command == b"REQUEST":
        *request_id, body = args
        packet = json.loads(body)
        reply = [*request_id, json.dumps(packet["data"]).encode()]
        if packet["pattern"] == "late":
            late.append((client, reply))
            print(json.dumps({"withheld": packet["data"]}), flush=True)
        else:
            prompt.append((client, reply))
