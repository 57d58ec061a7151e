"""Writes normalization.bin, the table behind UnicodeNormalizer, and a sample of cases for its test.

    python3 generate_normalization.py normalization.bin ../../../tests/Caravan.Text.Tests/Unicode/normalization-cases.txt

The data is that of Python's unicodedata (here: Unicode 14.0.0). The file is zlib-compressed; inside, all numbers are LEB128:
  count, then (code point - previous, canonical combining class)
  count, then (code point - previous, length, code points...)   full canonical decompositions
  count, then (code point - previous, length, code points...)   full compatibility decompositions where they differ
  count, then (first, second, composed)                         primary compositions
Hangul syllables are left out: they are computed.
"""
import random
import sys
import unicodedata
import zlib

CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF and not 0xAC00 <= c <= 0xD7A3]


def varint(number, out):
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def section(rows, out):
    varint(len(rows), out)
    previous = 0
    for code_point, values in rows:
        varint(code_point - previous, out)
        previous = code_point
        for value in values:
            varint(value, out)


def table():
    out = bytearray()
    section([(c, [unicodedata.combining(chr(c))]) for c in CODE_POINTS if unicodedata.combining(chr(c))], out)
    canonical, compatible, pairs = [], [], []
    for c in CODE_POINTS:
        text = chr(c)
        nfd, nfkd = unicodedata.normalize("NFD", text), unicodedata.normalize("NFKD", text)
        if nfd != text:
            canonical.append((c, [len(nfd), *map(ord, nfd)]))
        if nfkd != nfd:
            compatible.append((c, [len(nfkd), *map(ord, nfkd)]))
        parts = unicodedata.decomposition(text).split()
        if len(parts) == 2 and "<" not in parts[0] and unicodedata.normalize("NFC", text) == text:
            pairs.append((int(parts[0], 16), int(parts[1], 16), c))
    section(canonical, out)
    section(compatible, out)
    varint(len(pairs), out)
    for row in pairs:
        for value in row:
            varint(value, out)
    return zlib.compress(bytes(out), 9)


def cases():
    """Lines of five texts in hexadecimal code points: the source and its NFC, NFD, NFKC and NFKD."""
    chance = random.Random(14)
    interesting = [c for c in CODE_POINTS if unicodedata.normalize("NFKD", chr(c)) != chr(c)]
    marks = [c for c in CODE_POINTS if unicodedata.combining(chr(c))]
    sources = [chr(chance.choice(interesting)) for _ in range(250)]
    pool = [lambda: chance.choice(interesting), lambda: chance.choice(marks), lambda: chance.randrange(0x41, 0x7B),
            lambda: chance.randrange(0x1100, 0x1200), lambda: chance.randrange(0xAC00, 0xD7A4), lambda: chance.randrange(0x11A8, 0x11C3)]
    sources += ["".join(chr(chance.choice(pool)()) for _ in range(chance.randrange(2, 9))) for _ in range(250)]
    for source in sources:
        forms = [source] + [unicodedata.normalize(form, source) for form in ("NFC", "NFD", "NFKC", "NFKD")]
        yield ";".join(" ".join(f"{ord(c):04X}" for c in form) for form in forms)


if __name__ == "__main__":
    with open(sys.argv[1], "wb") as file:
        file.write(table())
    with open(sys.argv[2], "w", encoding="ascii", newline="\n") as file:
        file.write(f"# Unicode {unicodedata.unidata_version}: source; NFC; NFD; NFKC; NFKD\n")
        file.writelines(line + "\n" for line in cases())
