"""Writes systems.json, the facts that `caravan catalog` knows, from the survey that the project shares.

    python3 build_systems.py ../../../../shared/catalog/systems.json systems.json

Only spelling is changed: marks of the survey's sources ("[2] 7 B; [3] 7B"), remarks about misprints, and ways to write one licence or language.
What each model is to Caravan (family, template, sizes) is judged by hand, in models.tsv.
"""
import json
import re
import sys

KEPT = ["id", "name", "kind", "role", "base", "params", "languages", "license", "date", "pretrain_tokens", "context", "domain", "techniques", "links", "summary_en", "notes"]
LICENSES = {"Apacch 2.0": "Apache 2.0", "Apache-2.0": "Apache 2.0", "MIT License": "MIT", "CC By NC 4.0": "CC-BY-NC-4.0", "GPL:v3": "GPL-3.0", "License": None, "LICENSE": None}
LANGUAGES = [("en", r"\ben(glish)?\b"), ("zh", r"\b(zh|ch|chinese)\b"), ("fr", r"\b(fr|french)\b"), ("de", r"\bgerman\b"), ("es", r"\bspanish\b"), ("it", r"\bitalian\b"),
             ("ru", r"\b(ru|russian)\b"), ("multi", r"\b(multi(ple|lingual)?|languages)\b"), ("code", r"\b(code|python|bash)\b")]


def without_sources(text):
    parts = []
    for part in re.split(r"; (?=\[)", text):
        part = re.sub(r"^\[[\d,]+\] ", "", part)
        if part.replace(" ", "").lower() not in [known.replace(" ", "").lower() for known in parts]:
            parts.append(part)
    return "; ".join(parts)


def fact(key, value):
    if value in (None, []):
        return None
    if key == "languages":
        spoken = re.sub(r"\(printed '\w+'\)", "", value).lower()
        return [code for code, pattern in LANGUAGES if re.search(pattern, spoken)]
    if not isinstance(value, str):
        return value
    value = without_sources(value)
    if key == "license":
        return LICENSES.get(value, value)
    if key == "base":
        upstream = re.match(r"not stated in document(?: \((.*?)(?: upstream)?\))?$", value)
        return upstream.group(1) if upstream else None if value.startswith("none") else value
    if key == "notes" and re.search(r"[Pp]rint(ed|s)|[Dd]ocuments? (\d|says)|Listed twice|Link text|The name says", value):
        return None
    return value


def main(source, target):
    systems = json.load(open(source, encoding="utf-8"))
    rows = [{key: value for key in KEPT if (value := fact(key, system[key])) is not None} for system in systems]
    with open(target, "w", encoding="utf-8") as output:
        output.write("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows) + "\n]\n")


main(*sys.argv[1:])
