"""What the pages say is so: commands are run, policies parsed, lists of keys compared, links followed."""

import functools
import http.server
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rich
import tomlkit
from machine import Machine, Result
from pages import PROJECT, Block, find_anchors, find_links, find_pages, is_shown, read_blocks, read_commands, read_rows
from reference import REFERENCE, VARIABLES, make_reference
from wheels import build_wheel

from pipshunt.policy_file import parse_policy

PAGES = find_pages()
BLOCKS = [block for page in PAGES for block in read_blocks(page)]
DOCS = PROJECT / "docs"
README = PROJECT / "README.md"
SHIM = PROJECT / "shims/shim"
END = "-- end of a command --"


class Index(http.server.SimpleHTTPRequestHandler):
    """A package index: a listing of a folder is what pip takes for a page of links."""

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an index that has the packages that the pages install."""
    folder = tmp_path_factory.mktemp("index")
    build_wheel(folder / "flask", "flask", "3.1.2", scripts={"flask": "flask:main"})
    build_wheel(folder / "cowsay", "cowsay", "6.1", scripts={"cowsay": "cowsay:main"})
    build_wheel(folder / "torch", "torch", "2.9.1")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Index, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


class Reader:
    """Somebody who types what a page says: ana, on a machine of the tests, in /home/ana/shop."""

    def __init__(self, machine: Machine, index: str) -> None:
        self.machine = machine
        machine.home = machine.root / "home/ana"
        machine.project = machine.home / "shop"
        machine.project.mkdir(parents=True)
        (machine.project / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\n')
        for module in (rich, tomlkit):
            shutil.copytree(Path(str(module.__file__)).parent, machine.engine / module.__name__)
        for name in ("pip", "pip3", f"pip{machine.version}"):  # as Debian's: by the name without a version
            script = (machine.bin / name).read_text()
            machine.write_script(
                machine.bin / name, script.replace(f"{machine.python}\n", f"{machine.bin}/python3\n", 1)
            )
        people = (
            f"import sys; sys.path.insert(0, {str(machine.engine)!r}); from pipshunt.cli import main; sys.exit(main())"
        )
        links = machine.home / ".local/share/pipshunt/bin"
        machine.write_script(links / "pipshunt-script", (PROJECT / "shims/script").read_text())
        machine.write_script(machine.shims / "pipshunt", f'#!/bin/sh\nexec {machine.python} -B -I -c "{people}" "$@"\n')
        machine.give(machine.root)
        env = machine.env(PIP_INDEX_URL=index)
        env["PATH"] = f"{links}:{env['PATH']}"
        self.env = {name: value for name, value in env.items() if name != "PIP_NO_INDEX"}

    def write(self, name: str, text: str) -> None:
        folder = self.machine.home if name.startswith("~/") else self.machine.project
        file = folder / name.removeprefix("~/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        self.machine.give(self.machine.home)

    def type(self, commands: list[str]) -> list[str]:
        """Return what each of the commands shows, typed into one shell; paths and versions as the pages have them."""
        typed = "".join(f"{command}echo '{END}'\n" for command in commands)
        script = f"exec 2>&1\n{typed.replace('/usr/bin/python3', f'{self.machine.bin}/python3')}"
        result = self.machine.run("sh", "-c", script, env=self.env)
        return [self._as_on_the_page(part) for part in result.out.split(f"{END}\n")[:-1]]

    def _as_on_the_page(self, text: str) -> str:
        text = text.replace(str(self.machine.root), "").replace(self.machine.version, "3.13")
        text = text.replace("the administrator", "Debian")  # the machine's marker lies in no place of Debian's
        text = re.sub(r"^Looking in indexes: .*\n", "", text, flags=re.MULTILINE)
        text = re.sub(r"^container .*\n", "", text, flags=re.MULTILINE)  # where the tests run in one
        return re.sub(r"^Traceback .*\n(?: .*\n)*", "", text, flags=re.MULTILINE)


@pytest.fixture
def reader(machine: Machine, index: str) -> Reader:
    return Reader(machine, index)


@pytest.mark.parametrize(
    "page", [pytest.param(page, id=page.name) for page in PAGES if "<!-- run -->" in page.read_text() or page == README]
)
def test_what_a_page_shows_is_what_its_commands_show(reader: Reader, page: Path) -> None:
    for block in read_blocks(page):
        if block.note.startswith("write "):
            reader.write(block.note.split()[1], block.text)
        if block.language == "console" and (block.note == "run" or page == README):
            commands = read_commands(block)
            outputs = reader.type([command for command, _ in commands])
            for (command, shown), output in zip(commands, outputs, strict=True):
                assert is_shown(shown, output), f"{block.page} line {block.line}: $ {command}{output}"


@pytest.mark.parametrize(
    "block", [pytest.param(block, id=f"{block.page}:{block.line}") for block in BLOCKS if block.language == "toml"]
)
def test_a_policy_on_a_page_has_no_mistakes(block: Block) -> None:
    name = Path((block.note.split() or ["", "pipshunt.toml"])[1]).name
    layer, problems = parse_policy("user" if name == "policy.toml" else "repository", name, block.text.encode())
    assert layer
    assert bool(problems) is block.note.endswith(" mistakes"), problems


def test_a_policy_that_is_wrong_on_purpose_stands_with_its_complaint() -> None:
    wrong = [BLOCKS.index(block) for block in BLOCKS if block.note.endswith(" mistakes")]
    assert wrong
    for at in wrong:
        assert BLOCKS[at + 1].note == "run"
        assert "pipshunt policy check" in BLOCKS[at + 1].text


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in PAGES])
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for link in find_links(page):
        target, _, anchor = link.partition("#")
        if target.startswith(("https://", "http://")):
            continue
        file = page.parent / target if target else page
        assert file.exists(), link
        assert not anchor or anchor in find_anchors(file), link


def test_every_page_of_the_docs_is_linked_from_another() -> None:
    linked = {link.partition("#")[0] for page in PAGES for link in find_links(page)}
    assert {page.name for page in DOCS.glob("*.md")} <= {Path(link).name for link in linked}


def test_explain_lists_every_key_of_its_object(reader: Reader) -> None:
    answer = _explain(reader, "pip", "install", "flask")
    page = DOCS / "explain.md"
    assert read_rows(page, "The object") == list(answer)
    assert read_rows(page, "command") == list(answer["command"])
    assert read_rows(page, "plan") == list(answer["plan"])
    assert answer["command"]["options"], "an index is set"


def test_the_log_page_lists_every_field_of_a_record(reader: Reader) -> None:
    done = reader.machine.run("pip", "install", "flask", env=reader.env)
    assert done.status == 0, done
    assert read_rows(DOCS / "log.md", "The fields") == list(reader.machine.log[-1])


def test_the_reference_is_what_the_code_says() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == make_reference(), "run: python tests/reference.py"


def test_the_page_of_the_shim_names_each_of_its_functions() -> None:
    page = (DOCS / "shim.md").read_text(encoding="utf-8")
    shim = SHIM.read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)\(\)`", page))
    assert named == set(re.findall(r"^(\w+)\(\) \{", shim, flags=re.MULTILINE))


def test_the_reference_knows_every_variable_of_ours() -> None:
    sources = [SHIM, *sorted((PROJECT / "src/pipshunt").glob("*.py"))]
    used = {name for source in sources for name in re.findall(r"(?<![\w@])PIPSHUNT(?:_[A-Z]+)?\b", source.read_text())}
    assert used == set(VARIABLES)


def test_the_reference_can_be_made_from_a_bare_command_line() -> None:
    made = subprocess.run(
        [sys.executable, "-c", "import reference; print(reference.make_reference())"],
        cwd=PROJECT / "tests",
        env={"PYTHONPATH": "../src:.", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=True,
    )
    assert made.stdout.decode() == make_reference() + "\n"


def _explain(reader: Reader, *call: str) -> dict[str, Any]:
    done: Result = reader.machine.run("pipshunt", "explain", "--json", "--", *call, env=reader.env)
    assert done.status == 0, done
    answer: dict[str, Any] = json.loads(done.out)
    return answer
