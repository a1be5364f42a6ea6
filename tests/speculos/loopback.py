"""Runs Speculos with its ports on the loopback interface alone, which it has no option for."""

import socket
import sys

from speculos.main import main

bind = socket.socket.bind


def bind_loopback(self, address):
    if isinstance(address, tuple) and address[0] == "0.0.0.0":
        address = ("127.0.0.1", *address[1:])
    return bind(self, address)


socket.socket.bind = bind_loopback
sys.exit(main(prog="speculos"))
