"""Random pip command lines, from the realistic to the nasty, with the world around them: all from one seed."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")

BOOLS = ["1", "0", "true", "false", "yes", "No", "on", "OFF", "y", "n", "T", "f", "", "2", "maybe", " 1", "1 ", "-1"]
NAMES = ["x", "no-such-pkg", "zz_nope", "x==1.0", "x[e]>=2", "x;python_version<'3'", "Flask", "é"]
PLACES = [
    ".",
    "./proj",
    "proj",
    "./none",
    "plain",
    "./plain",
    "x.tar.gz",
    "dir.zip",
    "proj/",
    "../cwd/proj",
    "./proj[e]",
]
LINKS = [
    *("https://e.invalid/x.tar.gz", "git+https://e.invalid/x#egg=y", "x @ https://e.invalid/x-1-py3-none-any.whl"),
    *("https://e.invalid/x-1.0-py3-none-any.whl", "git+https://e.invalid/x", "file:///none/x.zip", "x@git+ssh://e/x"),
    *("https://e.invalid/x-1.0.whl", "https://e.invalid/x#egg=a[b]", "https://e.invalid/x#egg=", "svn://e/x", "a@b"),
]
ODD = [
    *(
        "bad name!!",
        "",
        "-",
        "x=1",
        "x==",
        "x>=1,<2",
        "x (>=1)",
        "x >= 1 ; extra == 'a'",
        "x[",
        "x[a",
        "x]",
        "x[a,b]==1",
    ),
    *("install", "uninstall", "x ; bogus", "x;", "_x", "x_", "x.", ".x", "x===any thing", "x==1.*", "x~=1", "x!=1.0.*"),
    *(
        "x<>1",
        "x=>1",
        "x @",
        "x==1;python_version>='3'and os_name=='a'",
        "x,y",
        "x y",
        "'x'",
        "x # c",
        "X.Y-z",
        "1",
        "x\t",
    ),
    *(
        "x-1.0-py3-none-any.whl",
        "x-1.whl",
        "none.whl",
        "~",
        "~/x",
        "/",
        "C:\\x",
        "x==1.0-foo",
        "x>=1.*",
        "x~=1.0b2",
        "x[]",
    ),
    *("pip", "pip==99", "x==1.0+local", "x<1.0+l", "x>=2025.1.1rc1", "x==v1", "[e]", "x[e] @ file:///x", "x@ ./y", "@"),
]
# What fits an option of this name, and what does not; {…} are the machine's own paths.
PYTHONS = ["", "{venv}", "{venv}/bin/python", "{python}", "/nope", "venv", "req.txt", "proj", "python3", "{venv}/bin"]
FILES = ["req.txt", "none.txt", "empty.txt", "one.txt", "two.txt", "{cwd}/req.txt", "proj", "", "bin.txt"]
VALUES: Mapping[str, list[str]] = {
    "--target": ["t", "", "/t", ".", "=d", "--", "-x"],
    "--root": ["t", "", "/"],
    "--prefix": ["t", "", "/usr"],
    "--report": ["-", "", "r.json"],
    "--python": PYTHONS,
    "--requirement": FILES,
    "--constraint": FILES,
    "--editable": [*PLACES, *LINKS],
    "--log": ["p.log", "/none/p.log", "", "proj"],
    "--python-version": ["3.9", "3", "37", "3.9.1", "abc", "3.9.1.2", "", "3.x", " 3", "3.", "-1", "3_9"],
    "--config-settings": ["a=b", "a", "=b", "", "a=b=c"],
    "--group": [
        "g",
        "pyproject.toml:g",
        "a/b:c",
        "proj/pyproject.toml:g",
        ":g",
        "pylock.toml:g",
        "pylock.a.toml:g",
        "",
    ],
    "--uploaded-prior-to": ["P3D", "2024-01-01", "x", "", "P3", "2024-01-01T00:00:00Z", "P1.5D", "20240101", "P-1D"],
    "--no-binary": [":all:", "x", ":none:", "-x", "", "x,y"],
    "--cache-dir": ["c", "", "~/c", "/none/c"],
}
VALUES_FOR_TYPE: Mapping[str, list[str]] = {
    "int": ["3", "0", "x", "0x10", "010", "09", "-1", "", "1.5", " 2", "0b", "0b11", "1_0", "²"],
    "float": ["3", ".5", "x", "inf", "nan", "", "1e3", " 2 ", "1_0", "0x1"],
    "string": ["a", "", "-x", "install", "--isolated", "http://127.0.0.1:9/", "b c"],
}
OFTEN = [
    *("--target", "--root", "--prefix", "--dry-run", "--report", "--user", "--no-user", "--break-system-packages"),
    *("--requirement", "--upgrade", "--isolated", "--require-virtualenv", "--quiet", "--python", "--version", "--yes"),
]
# Long flags of some pip or other; a pip that does not know one must say so.
FOREIGN = [
    *(
        "--break-system-packages",
        "--group",
        "--no-user",
        "--bogus",
        "--install-option",
        "--global-option",
        "--no-use-pep517",
    ),
    *("--keyring-provider", "--build-constraint", "--only-final", "--no-proxy-env", "--version", "--editable", "--pre"),
    *("--build-dir", "--build", "--use-wheel", "--egg", "--unstable-feature", "--process-dependency-links", "--help"),
]
VERBS = ["download", "list", "show", "freeze", "wheel", "lock", "inspect", "help", "cache", "index", "check", "hash"]
TYPOS = ["inst", "INSTALL", "instal", "unistall", "i", "remove", "install ", "", "un-install", "upgrade"]
SECTIONS = ["global", "install", "uninstall", ":env:", "DEFAULT", "Install", "list", "global ", "freeze"]


class Line(NamedTuple):
    """One command line and its world; files lie below the machine's root."""

    args: tuple[str, ...]
    env: Mapping[str, str]
    files: Mapping[str, bytes]

    def __str__(self) -> str:
        parts = [f"args {list(self.args)}", f"env {dict(self.env)}"]
        return "\n".join([*parts, *(f"file {name}: {content!r}" for name, content in self.files.items())])


class Lines:
    """A source of command lines for a pip that knows what *knows* says (see pip_process.describe)."""

    def __init__(self, knows: Mapping[str, Any], root: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.parsers: dict[str, list[Any]] = knows["parsers"]
        self.paths = {name: str(root / path) for name, path in PATHS.items()}

    def __iter__(self) -> Iterator[Line]:
        while True:
            yield self.line()

    def line(self) -> Line:
        """Make one; about half of them come to pip's check."""
        verb = self.pick([("install", 70), ("uninstall", 24)]) or self.any(VERBS if self.chance(0.6) else TYPOS)
        parser = verb if verb in ("install", "uninstall") else "install"
        tame = self.chance(0.55)
        before = self.options("global", self.count(78, 16, 6), tame)
        after = self.options(parser, self.count(26, 34, 22, 12, 6), tame)
        words = [[self.requirement()] for _ in range(self.count(8, 56, 26, 10))]
        rest = self.shuffled([*after, *words])
        args = [*before, *([["--"]] if self.chance(0.01) else []), [verb], *rest]
        if self.chance(0.05):
            args.insert(self.random.randint(0, len(args)), [self.any(["--", "--isolated", "install", "uninstall"])])
        if self.chance(0.01):
            args = args[: self.random.randint(0, len(args))]
        env = self.variables(parser) if self.chance(0.35) else {}
        files = dict(self.settings(parser, env)) if self.chance(0.3) else {}
        flat = tuple(self.placed(word) for words in args for word in words)
        asks = any(".txt" in word for word in flat) or "REQ" in str(env) or b"requirement" in b"".join(files.values())
        if asks and verb == "uninstall":
            files |= self.requirement_files()
        return Line(flat, {name: self.placed(value) for name, value in env.items()}, files)

    def options(self, parser: str, count: int, tame: bool) -> list[list[str]]:
        return [self.option(parser, tame) for _ in range(count)]

    def option(self, parser: str, tame: bool) -> list[str]:
        """Spell one option as people spell them."""
        if self.chance(0.04):
            return [self.any(FOREIGN)]
        known = [option for option in self.parsers[parser] if option["flags"][0] not in ("--help", "-h")]
        often = [option for option in known if any(flag in OFTEN for flag in option["flags"])]
        option = self.any(often if often and self.chance(0.5) else known)
        if tame and option["flags"][0] in ("--break-system-packages", "--target", "--root", "--prefix", "--version"):
            return []
        flag = self.any(option["flags"])
        if option["flags"][0] in ("--no-use-pep517", "--require-virtualenv") and self.chance(0.8):
            return []
        value = self.value(option, tame)
        if not flag.startswith("--"):
            return self.cluster(flag, value, takes=option["takes"])
        if self.chance(0.2):
            flag = flag[: self.random.randint(3, len(flag))]
        if not option["takes"]:
            return [f"{flag}={value}"] if self.chance(0.03) else [flag]
        if self.chance(0.02):
            return [flag]
        return [f"{flag}={value}"] if self.chance(0.5) else [flag, value]

    def cluster(self, flag: str, value: str, *, takes: bool) -> list[str]:
        """Spell a short option, perhaps bundled with others."""
        before = self.pick([("", 60), ("q", 10), ("U", 8), ("v", 8), ("Uq", 4), ("y", 4), ("h", 1), ("z", 1)])
        word = f"-{before}{flag[1:]}"
        if not takes:
            return [word]
        return [word + value] if value and self.chance(0.5) else [word, value]

    def value(self, option: Mapping[str, Any], tame: bool) -> str:
        """Give an option a value, mostly one that it takes."""
        name = next((flag for flag in option["flags"] if flag in VALUES), "")
        if option["choices"]:
            return self.any(option["choices"]) if tame or self.chance(0.8) else self.any(["bogus", "", "o"])
        pool = VALUES.get(name) or VALUES_FOR_TYPE.get(option["type"]) or VALUES_FOR_TYPE["string"]
        if not option["takes"]:
            return self.any(BOOLS)
        return pool[0] if tame and self.chance(0.6) else self.any(pool)

    def requirement(self) -> str:
        return self.any(self.pick_of([(NAMES, 60), (PLACES, 12), (LINKS, 12), (ODD, 16)]))

    def variables(self, parser: str) -> dict[str, str]:
        """Set one to three variables that pip reads."""
        env: dict[str, str] = {}
        for _ in range(self.count(0, 60, 30, 10)):
            if self.chance(0.25):
                name, values = self.any(SPECIAL)
                env[name] = self.any(values)
            else:
                name, value = self.setting(parser)
                env[f"PIP_{self.dressed(name)}"] = value
        return env

    def dressed(self, name: str) -> str:
        """Spell an option as a variable: mostly as one should."""
        plain = name.replace("-", "_").upper()
        odd = [name, plain.lower(), f"__{plain}", f"_{plain}", plain.title(), plain[:-1]]
        return self.any(odd) if self.chance(0.12) else plain

    def setting(self, parser: str) -> tuple[str, str]:
        """Give an option, long name without dashes, and a value as it may stand in a configuration."""
        known = [option for option in self.parsers[parser] if option["flags"][0] not in ("--help", "--python")]
        often = [option for option in known if any(flag in OFTEN for flag in option["flags"])]
        option = self.any(often if self.chance(0.6) else known)
        long = [flag for flag in option["flags"] if flag.startswith("--")]
        value = self.value(option, tame=self.chance(0.5))
        if not option["takes"]:
            value = self.any(BOOLS[:12] if self.chance(0.8) else BOOLS)
            value = self.any(["3", "0", "x", "-1", "yes", ""]) if option["action"] == "count" else value
        if self.chance(0.03):
            value = self.any(["\u00e9", "a b", "1\n", "%(x)s", "\x85", "\uff11"])
        return self.any(long)[2:], value

    def settings(self, parser: str, env: dict[str, str]) -> Iterator[tuple[str, bytes]]:
        """Write one or two pip.conf, and the variables that lead to them into *env*."""
        for _ in range(self.count(0, 75, 25)):
            name, variable, value = self.any(LAYERS)
            if variable and self.chance(0.9):
                env.setdefault(variable, value)
            yield name, self.configuration(parser)

    def configuration(self, parser: str) -> bytes:
        lines: list[str] = []
        for section in self.random.sample(SECTIONS, self.count(0, 60, 30, 10)):
            lines.append(f"[{section}]{self.any(['', '', '', ' ', ' # c', 'x'])}")
            for _ in range(self.count(4, 50, 30, 16)):
                name, value = self.setting(parser)
                spelled = self.any([name, name, name, name.replace("-", "_"), name.upper(), f"--{name}"])
                lines.append(f"{spelled}{self.any([' = ', '=', ': ', ' : ', ' =  '])}{value}")
        if self.chance(0.2):
            lines.insert(self.random.randint(0, len(lines)), self.any(NOISE))
        text = self.any(["\n", "\n", "\n", "\r\n", "\r"]).join(lines) + self.any(["\n", ""])
        content = text.encode("utf-8", "surrogateescape")
        if self.chance(0.04):
            at = self.random.randint(0, len(content))
            content = (
                content[:at]
                + self.any([b"\xff", b"\x00", b"\xef\xbb\xbf", b"\x1c", b"\x0c", b"\xe2\x80\xa8"])
                + content[at:]
            )
        return content

    def requirement_files(self) -> dict[str, bytes]:
        files = {f"home/cwd/{name}.txt": self.requirements() for name in ("req", "one", "two") if self.chance(0.8)}
        files["home/cwd/empty.txt"] = self.any([b"", b"# nothing\n", b"\n\n", b"--pre\n"])
        if self.chance(0.3):
            files["home/cwd/bin.txt"] = self.any(
                [
                    b"\x00\x01\xff",
                    b"\xff\xfex\x00\n\x00",
                    b"x\n\xff",
                    b"\xef\xbb\xbfx\n",
                    b"#coding: latin-1\n#\xe9\nx\n",
                ]
            )
        return files

    def requirements(self) -> bytes:
        lines = []
        for _ in range(self.count(10, 40, 30, 20)):
            word = self.requirement() if self.chance(0.6) else self.any(FILE_LINES)
            lines.append(
                word + self.any(["", "", "", "", " # c", " --hash=sha256:aa", " \\", "\\", "#c", " --bogus", "  "])
            )
        return "\n".join(lines).encode() + self.any([b"\n", b""])

    def placed(self, word: str) -> str:
        """Fill in the machine's own paths."""
        for name, path in self.paths.items():
            word = word.replace(f"{{{name}}}", path)
        return word

    def chance(self, part: float) -> bool:
        return self.random.random() < part

    def any(self, values: Sequence[T]) -> T:
        return self.random.choice(values)

    def count(self, *weights: int) -> int:
        """Give a number from 0 on, by weight."""
        return self.random.choices(range(len(weights)), weights)[0]

    def pick(self, weighted: list[tuple[str, int]]) -> str:
        """Choose by weight in a hundred; "" for what is left of the hundred."""
        left = max(0, 100 - sum(weight for _, weight in weighted))
        return self.random.choices(
            [*(value for value, _ in weighted), ""], [*(weight for _, weight in weighted), left]
        )[0]

    def pick_of(self, weighted: list[tuple[list[str], int]]) -> list[str]:
        return self.random.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]

    def shuffled(self, values: list[list[str]]) -> list[list[str]]:
        return self.random.sample(values, len(values))


PATHS = {"cwd": "home/cwd", "venv": "venv", "python": "usr/bin/python3", "home": "home", "root": ""}
LAYERS = [
    ("home/.config/pip/pip.conf", "", ""),
    ("home/.pip/pip.conf", "", ""),
    ("usr/pip.conf", "", ""),
    ("venv/pip.conf", "PIP_PYTHON", "{venv}"),
    ("xdg/pip/pip.conf", "XDG_CONFIG_DIRS", "{root}/xdg"),
    ("two/pip/pip.conf", "XDG_CONFIG_DIRS", "{root}/xdg:{root}/two"),
    ("own/pip/pip.conf", "XDG_CONFIG_HOME", "{root}/own"),
    ("home/env.conf", "PIP_CONFIG_FILE", "{home}/env.conf"),
    ("home/cwd/pip.conf", "PIP_CONFIG_FILE", "pip.conf"),
    ("home/.config/pip/pip.conf", "PIP_CONFIG_FILE", "{home}/.config/pip/pip.conf"),
]
SPECIAL = [
    (
        "PIP_CONFIG_FILE",
        ["/dev/null", "/dev/../dev/null", "", "/nope", "{home}/env.conf", "{cwd}", "~/env.conf", "\udcff"],
    ),
    ("PIP_PYTHON", PYTHONS),
    ("_PIP_RUNNING_IN_SUBPROCESS", ["1", ""]),
    ("XDG_CONFIG_DIRS", ["", "~/xdg", " ", ":", "{root}/xdg:", ":{root}/two"]),
    ("XDG_CONFIG_HOME", ["", " ", "own", "~/own", "{root}/own "]),
    ("PIP_AUTO_COMPLETE", ["1", ""]),
    ("HOME", ["", "/nonexistent", "{home}/", "home"]),
    ("PIP_BOGUS", ["1"]),
    ("PIP_ISOLATED", ["1", "0"]),
    ("PIP_BREAK_SYSTEM_PACKAGES", BOOLS),
    ("PIP_REQUIREMENT", ["req.txt", "req.txt one.txt", "none.txt", "empty.txt", ""]),
    ("PIP_VERSION", ["1"]),
    ("PIP___VERSION", ["1", "0"]),
    ("REQ_NAME", ["x", "", "bad name"]),
    ("VIRTUAL_ENV", ["{venv}"]),
]
NOISE = [
    *("# comment", "; comment", "", "junk", "[global]", "[install]", "  indented = 1", "key", "= 1", "[", "[]", "x"),
    *(
        "\tbreak-system-packages = 1",
        "break-system-packages = true",
        "break_system_packages = true",
        "break-system-packages:",
    ),
    *(
        "target = ${HOME}/x",
        "a = b\n\n  c\n\nd = e",
        "break-system-packages =\n  true",
        "[global",
        "user = true ; c",
        "[a]]",
    ),
]
FILE_LINES = [
    *(
        "-r one.txt",
        "-r two.txt",
        "-r req.txt",
        "--requirement=one.txt",
        "-c one.txt",
        "-e .",
        "-e git+https://e.invalid/x#egg=y",
    ),
    *(
        "--index-url http://127.0.0.1:9/",
        "-i x",
        "--pre",
        "--no-index",
        "${REQ_NAME}",
        "${HOME}",
        "# c",
        "",
        "--bogus",
        "-z",
    ),
    *(
        "--break-system-packages",
        "--target t",
        "x --config-settings=a=b",
        "x --global-option=y",
        "-r",
        "-r none.txt",
        "-rone.txt",
    ),
    *(
        "x \\\n  ==1",
        "--use-feature fast-deps",
        "--find-links=.",
        "-f . x",
        "x -r one.txt",
        "'x'",
        '"',
        "--no-binary :all:",
    ),
    *(
        "--requir one.txt",
        "--trusted-host h",
        "x --hash=sha256:abc --hash=sha256:def",
        "-r 'one.txt'",
        "--only-final x",
        "-e",
    ),
]

Judge = Callable[[Line], bool]


def smallest(line: Line, differs: Judge) -> Line:
    """Drop from *line* whatever it can do without and still differ."""
    found = True
    while found:
        found = False
        for smaller in reductions(line):
            if differs(smaller):
                line, found = smaller, True
                break
    return line


def reductions(line: Line) -> Iterator[Line]:
    """Give what is one piece smaller."""
    for name in line.files:
        yield line._replace(files={key: value for key, value in line.files.items() if key != name})
    for name in line.env:
        yield line._replace(env={key: value for key, value in line.env.items() if key != name})
    for at in range(len(line.args)):
        yield line._replace(args=line.args[:at] + line.args[at + 1 :])
    for name, content in line.files.items():
        lines = content.splitlines(keepends=True)
        for at in range(len(lines)) if len(lines) > 1 else ():
            yield line._replace(files={**line.files, name: b"".join(lines[:at] + lines[at + 1 :])})
