"""Forwards frames between two interfaces, each some time after it came: what `tc netem delay` does, on kernels without it.

    delay.py INTERFACE INTERFACE MILLISECONDS JITTER

Frames keep their order. Both sockets carry the virtio header that tells of checksums and segments which the kernel
leaves to the network card (packet(7), PACKET_VNET_HDR), so that packets of TCP pass as they are.
"""

import heapq
import json
import random
import selectors
import socket
import sys
import time

SOL_PACKET = 263
PACKET_VNET_HDR = 15
PACKET_IGNORE_OUTGOING = 23
ETH_P_ALL = 3
LARGEST = 1 << 17
BATCH = 64


def port(interface):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
    sock.setblocking(False)
    sock.bind((interface, ETH_P_ALL))
    return sock


def main(first, second, delay, jitter):
    ports = [port(first), port(second)]
    last = [0.0, 0.0]
    waiting = []
    count = 0
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin, selectors.EVENT_READ, None)
    for index, sock in enumerate(ports):
        selector.register(sock, selectors.EVENT_READ, index)
    print(json.dumps("ready"), flush=True)
    while True:
        timeout = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        for key, _ in selector.select(timeout):
            if key.data is None:
                # Nobody writes there: it is the end of who started this.
                return
            for _ in range(BATCH):
                try:
                    frame = ports[key.data].recv(LARGEST)
                except (BlockingIOError, OSError):
                    break
                due = time.monotonic() + delay + random.uniform(-jitter, jitter)
                last[key.data] = due = max(due, last[key.data])
                count += 1
                heapq.heappush(waiting, (due, count, 1 - key.data, frame))
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, _, target, frame = heapq.heappop(waiting)
            try:
                ports[target].send(frame)
            except OSError:
                # A full queue, or an interface that is down: the frame is lost, as on a wire.
                pass


main(sys.argv[1], sys.argv[2], float(sys.argv[3]) / 1000, float(sys.argv[4]) / 1000)
