#!/usr/bin/env python3
"""Computes every value of expected.txt again, from the formulas in its head.

usage: check.py FILE. Ends with 0 and the number of values where all are right,
with 1 and one line "WRONG case: what" each where some are not.
"""
import ast
import operator
import sys

OPS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow,
    ast.RShift: operator.rshift, ast.USub: operator.neg,
    ast.GtE: operator.ge, ast.Gt: operator.gt, ast.Lt: operator.lt,
}


def value(text):
    """The value of one part of a show line."""
    text = text.strip()
    if text in ("true", "false"):
        return text == "true"
    return walk(ast.parse(text, mode="eval").body)


def walk(n):
    if isinstance(n, ast.Constant) and isinstance(n.value, int):
        return n.value
    if isinstance(n, ast.BinOp):
        return OPS[type(n.op)](walk(n.left), walk(n.right))
    if isinstance(n, ast.UnaryOp):
        return OPS[type(n.op)](walk(n.operand))
    if isinstance(n, ast.Compare) and len(n.ops) == 1:
        return OPS[type(n.ops[0])](walk(n.left), walk(n.comparators[0]))
    if isinstance(n, ast.Call) and n.func.id == "min":
        return min(walk(a) for a in n.args)
    raise ValueError("arithmetic not understood: " + ast.dump(n))


def read(path):
    """The cases, each a list of (name, value)."""
    cases = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            name, _, text = line.partition(":")
            if name == "case":
                cases.append([])
            cases[-1].append((name, text.strip()))
    return cases


class Case:
    def __init__(self, lines):
        self.lines = lines
        self.found = []  # what is wrong
        self.values = 0
        self.name, self.kind = self.one("case"), self.one("kind")

    def one(self, name, default=None):
        got = self.all(name)
        return got[0] if got else default

    def all(self, name):
        return [text for n, text in self.lines if n == name]

    def number(self, name):
        return int(self.one(name, "0"))

    def expect(self, what, want, have):
        self.values += 1
        if want != have:
            self.found.append(f"{what}: the file says {have!r}, computed {want!r}")

    def shown(self):
        """Checks the arithmetic, and returns the value of its last line."""
        last = None
        for line in self.all("show"):
            parts = [value(p) for p in line.split(" = ")]
            last = parts[-1]
            for p in parts:
                self.expect("show " + line, last, p)
        if last is None:
            self.found.append("no arithmetic is shown")
        return last


def named(text):
    """ "anna number=1 idle=2" -> ("anna", {"number": "1", "idle": "2"}) """
    words = text.split()
    return words[0], pairs(" ".join(words[1:]))


def pairs(text):
    return {} if text in ("", "-") else dict(w.split("=") for w in text.split())


def strategy(c):
    agents = [named(a) for a in c.all("agent")]
    ready = sorted((a for a in agents if a[1].get("state", "ready") == "ready"), key=lambda a: int(a[1]["number"]))
    numbers = {n: int(a["number"]) for n, a in agents}
    last, high, n = numbers.get(c.one("last"), 0), max(numbers.values()), len(ready)
    drawn = (c.number("random") * n) >> 64
    keys = {}
    for place, (name, a) in enumerate(ready):
        num = numbers[name]
        keys[name] = {
            "longest-idle": lambda: int(a["idle"]),
            "round-robin": lambda: num - last if num > last else num - last + high,
            "fewest-calls": lambda: int(a["handled"]),
            "least-talk-time": lambda: int(a["talk"]),
            "random": lambda: (place - drawn + n) % n,
            "ordered": lambda: int(a.get("rank", 2**30)),
            "ring-all": lambda: 0,
        }[c.one("strategy")]()
    c.expect("key", keys, {k: int(v) for k, v in pairs(c.one("key", "")).items()})
    got = [name for name, _ in ready]
    if got and c.one("strategy") != "ring-all":
        got = [min(got, key=lambda name: (keys[name], numbers[name]))]
    c.expect("expect", " ".join(got) or "nobody", c.one("expect"))
    c.expect("last show", min(keys.values(), default=0), c.shown())


def skills(c):
    waited = c.number("waited")
    steps = [(int(s.split(" ", 1)[0]), s.split(" ", 1)[1]) for s in c.all("step")]
    own = c.one("call")
    need = own or max([s for s in steps if s[0] <= waited], default=(0, "-"))[1]
    c.expect("need", pairs(need), pairs(c.one("need")))
    later = [] if own else [s[0] for s in steps if s[0] > waited]
    c.expect("next", min(later, default=0), c.number("next"))
    got = []
    for text in c.all("agent"):
        name, has = named(text)
        if all(int(has.get(skill, 0)) >= int(level) for skill, level in pairs(need).items()):
            got.append(name)
    c.expect("expect", " ".join(got), c.one("expect"))
    c.expect("last show", len(got), c.shown())


def wait(c, ahead):
    if c.number("ready") > ahead:
        return 0
    if c.number("staffed") == 0:
        return None
    handle = c.number("handle") if c.number("handles") > 0 else 180000
    return min((ahead - c.number("ready") + 1) * handle // c.number("staffed"), 24 * 60 * 60 * 1000)


def estimate(c):
    got, shown = wait(c, c.number("ahead")), c.shown()
    c.expect("expect", "unknown" if got is None else str(got), c.one("expect"))
    c.expect("last show", False if got is None else got, shown)


def overflow(c):
    when = c.one("when")
    if when == "size":
        got = c.number("waiting") >= c.number("limit")
    elif when == "waiting-time":
        got = c.number("waited") >= c.number("after")
    else:
        known = wait(c, c.number("waiting"))
        got = known is not None and known >= c.number("after")
    c.expect("expect", "yes" if got else "no", c.one("expect"))
    c.expect("last show", got, c.shown())


def callback(c):
    calls = [named(w) for w in c.all("waiting")]

    def first(call):
        a = call[1]
        return -(int(a.get("queue_priority", 0)) + int(a.get("priority", 0))), int(a["order"])

    got = [name for name, _ in sorted(calls, key=first)]
    c.expect("expect", " ".join(got), c.one("expect"))
    c.expect("last show", got.index("callback") + 1, c.shown())


def service(c):
    all_ = c.number("answered") + c.number("abandoned") - c.number("gone_fast")
    got = 1000 if all_ == 0 else c.number("in_time") * 1000 // all_
    c.expect("expect", got, c.number("expect"))
    c.expect("last show", got, c.shown())


KINDS = {
    "strategy": strategy, "skills": skills, "estimate": estimate,
    "overflow": overflow, "callback": callback, "service": service,
}


def main():
    cases, values, wrong = read(sys.argv[1]), 0, 0
    for lines in cases:
        c = Case(lines)
        KINDS[c.kind](c)
        values += c.values
        for w in c.found:
            wrong += 1
            print(f"WRONG {c.name}: {w}")
    if wrong or not cases:
        print(f"{wrong} of {values} values in {len(cases)} cases are wrong")
        return 1
    print(f"{values} values in {len(cases)} cases are right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
