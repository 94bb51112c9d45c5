"""Cuts a plain medical claim file at claim boundaries, so that processes can work on pieces."""

import os

PIECE = 64 << 20
START = b"\r\nRE,"


def cut(path: str) -> list[tuple[int, int]]:
    """Byte ranges of about PIECE bytes; each but the first begins with RE."""
    size = os.path.getsize(path)
    starts = [0]
    with open(path, "rb") as f:
        at = PIECE
        while at < size:
            f.seek(at)
            found = f.read(1 << 20).find(START)
            if found < 0:
                break
            starts.append(at + found + 2)
            at = starts[-1] + PIECE
    return list(zip(starts, [*starts[1:], size]))


def read(path: str, piece: tuple[int, int]) -> bytes:
    with open(path, "rb") as f:
        f.seek(piece[0])
        return f.read(piece[1] - piece[0])
