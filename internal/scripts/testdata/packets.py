"""Sends and takes packets, to see which of them a filter lets pass.

packets.py serve DEVICE         answers on some ports of TCP and UDP, and notes who sends VRRP
packets.py hold SRC DST PORT    connects; when /run/go is there it speaks, and says whether it is heard
packets.py ask CASE...          a case is "tcp|udp SRC DST PORT" or "vrrp SRC DST DEVICE"

Each case becomes a line: open, or closed.
"""
import os
import select
import socket
import struct
import sys
import time

TCP = [22, 80, 8000, 8001, 8080, 8404, 9100, 9999, 10001]
UDP = [161, 9999]
HEARD = "/run/heard.eth0"


def raw(family):
    return socket.socket(family, socket.SOCK_RAW, 112)


def serve(device):
    index = socket.if_nametoindex(device)
    hears = {}
    for port in TCP:
        s = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64)
        hears[s] = "tcp"
    for port in UDP:
        s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        s.bind(("::", port))
        hears[s] = "udp"
    s = raw(socket.AF_INET)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("=4s4si", socket.inet_aton("224.0.0.18"), bytes(4), index))
    hears[s] = "vrrp"
    s = raw(socket.AF_INET6)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, socket.inet_pton(socket.AF_INET6, "ff02::12") + struct.pack("=i", index))
    hears[s] = "vrrp"
    print("ready", flush=True)
    while True:
        for s in select.select(list(hears), [], [])[0]:
            answer(s, hears, device)


def answer(s, hears, device):
    kind = hears[s]
    if kind == "tcp":
        hears[s.accept()[0]] = "session"
    elif kind == "session":
        try:
            data = s.recv(100)
        except OSError:
            data = b""
        if data:
            s.send(data)
        else:
            del hears[s]
            s.close()
    elif kind == "udp":
        data, peer = s.recvfrom(100)
        s.sendto(data, peer)
    else:
        peer = s.recvfrom(100)[1]
        with open("/run/heard." + device, "a") as f:
            f.write(peer[0].split("%")[0] + "\n")


def of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def says(s):
    s.settimeout(5)
    s.send(b"hello")
    return "open" if s.recv(100) == b"hello" else "closed"


def connected(kind, src, dst, port):
    s = socket.socket(of(dst), socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    s.settimeout(2)
    s.bind((src, 0))
    s.connect((dst, int(port)))
    return s


def advert(src, dst, device):
    s = raw(of(dst))
    try:
        before = open(HEARD).read().split().count(src)
    except FileNotFoundError:
        before = 0
    index = socket.if_nametoindex(device)
    if of(dst) == socket.AF_INET:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("=4s4si", bytes(4), bytes(4), index))
        s.bind((src, 0))
        s.sendto(b"\x31" + bytes(19), (dst, 0))
    else:
        s.bind((src, 0, 0, index))
        s.sendto(b"\x31" + bytes(19), (dst, 0, 0, index))
    for _ in range(20):
        time.sleep(0.1)
        if os.path.exists(HEARD) and open(HEARD).read().split().count(src) > before:
            return "open"
    return "closed"


def ask(case):
    kind, *rest = case.split()
    try:
        return advert(*rest) if kind == "vrrp" else says(connected(kind, *rest))
    except OSError:
        return "closed"


def hold(src, dst, port):
    s = connected("tcp", src, dst, port)
    print("held", flush=True)
    while not os.path.exists("/run/go"):
        time.sleep(0.1)
    try:
        return says(s)
    except OSError:
        return "closed"


what, *words = sys.argv[1:]
if what == "serve":
    serve(*words)
elif what == "hold":
    print(hold(*words), flush=True)
else:
    for word in words:
        print(ask(word), flush=True)
