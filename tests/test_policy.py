import fnmatch
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipshunt import policy_cache
from pipshunt.policy import (
    ACTIONS,
    Layer,
    Place,
    Policy,
    Problem,
    Rule,
    grants_override,
    installer,
    judge,
    load_policy,
    matches,
    system_site_packages,
    venv_path,
)

UID = os.getuid()
STRICTNESS = {"override": 0, "uv-system": 1, "venv": 2, "pass": 3, "refuse": 4}


def layer(kind: str, action: str = "", *rules: Rule, path: str = "", site: bool | None = None) -> Layer:
    file = {"repository": "/p/pipshunt.toml", "user": "/u/policy.toml", "machine": "/etc/pipshunt/policy.toml"}[kind]
    return Layer(
        kind,
        file,
        action,
        Place(file, 1) if action else None,
        path,
        Place(file, 3) if path else None,
        site,
        rules,
    )


def rule(packages: str, action: str, message: str = "", line: int = 5) -> Rule:
    return Rule((packages,), action, message, Place("/p/pipshunt.toml", line))


def decide(*layers: Layer, packages: tuple[str, ...] = ("flask",)) -> str:
    return judge(Policy(layers, ()), packages).action


@pytest.mark.parametrize(
    ("layers", "action"),
    [
        pytest.param([], "venv", id="nobody speaks"),
        pytest.param([layer("repository", "refuse")], "refuse", id="a repository tightens"),
        pytest.param([layer("repository", "override")], "venv", id="a repository cannot loosen the default"),
        pytest.param([layer("user", "override")], "override", id="the user grants"),
        pytest.param([layer("machine", "uv-system")], "uv-system", id="the machine grants"),
        pytest.param([layer("user", "override"), layer("machine", "refuse")], "refuse", id="the machine is a ceiling"),
        pytest.param(
            [layer("user", "override"), layer("repository", "venv")], "venv", id="a repository tightens a grant"
        ),
        pytest.param([layer("user", "refuse"), layer("repository", "venv")], "refuse", id="a repository cannot loosen"),
        pytest.param([layer("user", "override", rule("flask", "pass"))], "pass", id="a rule before the action"),
        pytest.param(
            [layer("user", "refuse", rule("fla*", "venv"))], "venv", id="a rule may be looser than the action"
        ),
        pytest.param([layer("user", "refuse", rule("six", "venv"))], "refuse", id="a rule for another package"),
        pytest.param(
            [layer("user", "", rule("flask", "venv"), rule("*", "refuse"))], "venv", id="the first matching rule"
        ),
    ],
)
def test_layers_combine_to_the_strictest_that_is_granted(layers: list[Layer], action: str) -> None:
    assert decide(*layers) == action


def test_the_strictest_verdict_over_all_packages_counts() -> None:
    verdict = judge(
        Policy((layer("repository", "", rule("Torch_*", "refuse", "ask Ana")),), ()), ["six", "torch-vision", "torch-x"]
    )
    assert verdict.action == "refuse"
    assert verdict.rule == '[[rule]] packages = ["Torch_*"]'
    assert str(verdict.place) == "/p/pipshunt.toml line 5"
    assert verdict.message == "ask Ana"
    assert verdict.package == "torch-vision"


def test_a_package_without_a_name_is_judged_by_what_holds_for_all() -> None:
    granting = layer("user", "", rule("flask", "override"))
    assert decide(granting, packages=("flask",)) == "override"
    assert decide(granting, packages=("flask", "")) == "venv"
    assert decide(layer("repository", "", rule("*", "refuse")), packages=()) == "refuse"
    assert decide(layer("repository", "", rule("f*", "refuse")), packages=()) == "venv"


def test_the_default_names_itself() -> None:
    verdict = judge(Policy((), ()), ["flask"])
    assert verdict == ("venv", "default", None, "", "", ())


def test_who_agrees_with_the_default_is_named() -> None:
    verdict = judge(Policy((layer("repository", "venv"),), ()), [])
    assert verdict.rule == 'action = "venv"'
    assert verdict.place == Place("/p/pipshunt.toml", 1)


def test_a_repository_that_asks_for_more_is_told_who_can_grant_it() -> None:
    asking = layer("repository", "override", rule("six", "uv-system"))
    grant = "only your policy.toml or /etc/pipshunt/policy.toml can grant it"
    limit = f'action = "pass" in /u/policy.toml line 1; {grant}'
    assert judge(Policy((asking, layer("user", "pass")), ()), ["flask", "django", "six"]).notes == (
        f'action = "override" in /p/pipshunt.toml line 1 is looser than {limit}',
        f'[[rule]] packages = ["six"] action = "uv-system" in /p/pipshunt.toml line 5 is looser than {limit}',
    )
    assert judge(Policy((asking,), ()), []).notes == (
        f'action = "override" in /p/pipshunt.toml line 1 is looser than the default "venv"; {grant}',
    )


def test_a_repository_that_says_venv_as_the_starter_file_does_asks_for_nothing() -> None:
    stricter = layer("user", "", rule("torch", "refuse"))
    assert judge(Policy((layer("repository", "venv"), stricter), ()), ["torch"]).notes == ()
    asking = layer("repository", "", rule("torch", "venv"))
    assert len(judge(Policy((asking, stricter), ()), ["torch"]).notes) == 1


NAMES = st.sampled_from(["flask", "torch", "torch-x", "six", ""])
RULES = st.builds(rule, st.sampled_from(["*", "torch*", "flask", "?ix"]), st.sampled_from(ACTIONS))
LAYERS = st.builds(
    lambda kind, action, rules: layer(kind, action, *rules),
    st.sampled_from(["repository", "user", "machine"]),
    st.sampled_from(["", *ACTIONS]),
    st.lists(RULES, max_size=3),
)


@given(st.lists(LAYERS, max_size=4), st.lists(NAMES, max_size=3), st.randoms())
def test_the_order_of_layers_and_packages_does_not_matter(
    layers: list[Layer], packages: list[str], shuffler: random.Random
) -> None:
    expected = decide(*layers, packages=tuple(packages))
    shuffler.shuffle(layers)
    shuffler.shuffle(packages)
    assert decide(*layers, packages=tuple(packages)) == expected


@given(st.lists(LAYERS, max_size=3), LAYERS, st.lists(NAMES, max_size=3))
def test_a_repository_never_loosens(layers: list[Layer], added: Layer, packages: list[str]) -> None:
    before = decide(*layers, packages=tuple(packages))
    after = decide(*layers, added._replace(kind="repository"), packages=tuple(packages))
    assert STRICTNESS[after] >= STRICTNESS[before]


@given(st.lists(LAYERS, max_size=3), st.lists(NAMES, min_size=1, max_size=3), NAMES)
def test_one_more_package_never_loosens(layers: list[Layer], packages: list[str], added: str) -> None:
    before = decide(*layers, packages=tuple(packages))
    assert STRICTNESS[decide(*layers, packages=(*packages, added))] >= STRICTNESS[before]


@given(st.text(alphabet="ab*?-", max_size=8), st.text(alphabet="ab", max_size=8))
def test_globs_match_as_fnmatch_does(pattern: str, name: str) -> None:
    squeezed = "-".join(part for part in [pattern] if part)
    while "--" in squeezed:
        squeezed = squeezed.replace("--", "-")
    assert matches(pattern, name) == fnmatch.fnmatchcase(name, squeezed)


def test_a_glob_with_many_stars_is_matched_at_once() -> None:
    assert not matches("*a" * 50 + "b", "a" * 5000)


@pytest.mark.parametrize(
    ("repository", "user", "machine", "expected"),
    [
        pytest.param("", "", "", "auto", id="nobody speaks"),
        pytest.param("uv", "", "", "uv", id="the repository chooses"),
        pytest.param("uv", "pip", "", "pip", id="the user bans uv"),
        pytest.param("", "pip", "uv", "uv", id="the machine has the last word"),
        pytest.param("pip", "auto", "auto", "pip", id="auto leaves the choice"),
    ],
)
def test_the_machine_s_word_on_the_installer_holds_over_the_user_s_and_the_repository_s(
    repository: str, user: str, machine: str, expected: str
) -> None:
    said = {"repository": repository, "user": user, "machine": machine}
    layers = [layer(kind)._replace(installer=word, installer_place=Place(kind, 2)) for kind, word in said.items()]
    place = Place(next(kind for kind in reversed(said) if said[kind] == expected), 2) if expected != "auto" else None
    assert installer(Policy(tuple(layers), ())) == (expected, place)


@pytest.mark.parametrize(
    ("user", "machine", "expected"),
    [
        pytest.param(None, None, False, id="nobody speaks"),
        pytest.param(("uv",), None, True, id="the user grants"),
        pytest.param(None, ("*",), True, id="the machine grants all"),
        pytest.param(("uv",), ("debian",), False, id="the machine grants another's"),
        pytest.param(("debian",), ("*",), False, id="the user holds back"),
        pytest.param((), None, False, id="an empty list grants nothing"),
    ],
)
def test_a_marker_is_overridden_only_where_everybody_who_speaks_grants_its_owner_s(
    user: tuple[str, ...] | None, machine: tuple[str, ...] | None, expected: bool
) -> None:
    layers = (layer("user")._replace(grant=user), layer("machine")._replace(grant=machine))
    assert grants_override(Policy(layers, ()), "uv") is expected


def test_the_nearest_layer_sets_the_environment() -> None:
    far = layer("machine", path="/opt/venv", site=True)
    near = layer("repository", path="env")
    assert venv_path(Policy((far, near), ())) == ("env", Place("/p/pipshunt.toml", 3))
    assert venv_path(Policy((far,), ())) == ("/opt/venv", Place("/etc/pipshunt/policy.toml", 3))
    assert venv_path(Policy((), ())) == (".venv", None)
    assert system_site_packages(Policy((far, near), ()), default=False) is True
    assert system_site_packages(Policy((far, layer("user", site=False)), ()), default=True) is False
    assert system_site_packages(Policy((near,), ()), default=True) is True


def test_a_problem_reads_as_file_line_message_and_suggestion() -> None:
    assert str(Problem("/p/x", 3, "wrong", 'did you mean "refuse"?')) == '/p/x line 3: wrong (did you mean "refuse"?)'
    assert str(Problem("/p/x", 0, "is ignored", "")) == "/p/x: is ignored"


# ── loading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def load(tmp_path: Path, cache: str = "") -> Policy:
    return load_policy(str(tmp_path), str(tmp_path / "user.toml"), str(tmp_path / "machine.toml"), cache, UID)


def test_where_no_file_is_there_is_no_policy(tmp_path: Path) -> None:
    assert load(tmp_path) == Policy((), ())
    assert load_policy("", "", "", "", UID) == Policy((), ())


def test_where_no_file_is_nothing_is_imported(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pipshunt.policy import load_policy, judge\n"
        "before = set(sys.modules)\n"
        "judge(load_policy(sys.argv[2], '/nowhere/u', '/nowhere/m', '/nowhere/cache', 0), ['flask'])\n"
        "print(sorted(set(sys.modules) - before), [m for m in ('re', 'enum', 'tomllib', 'fnmatch') if m in sys.modules])"
    )
    source = os.path.dirname(os.path.dirname(policy_cache.__file__))
    command = [sys.executable, "-I", "-S", "-c", code, source, str(tmp_path)]
    modules = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert modules.startswith("[] ")


def test_all_layers_are_read(tmp_path: Path) -> None:
    (tmp_path / "pipshunt.toml").write_text('action = "refuse"\n')
    (tmp_path / "user.toml").write_text('\naction = "override"\n[venv]\npath = "/e/v"\n')
    (tmp_path / "machine.toml").write_text('[[rule]]\npackages = "six"\naction = "pass"\n')
    policy = load(tmp_path)
    assert policy.problems == ()
    assert [(layer.kind, layer.action) for layer in policy.layers] == [
        ("machine", ""),
        ("user", "override"),
        ("repository", "refuse"),
    ]
    assert venv_path(policy) == ("/e/v", Place(str(tmp_path / "user.toml"), 4))


def test_a_table_in_pyproject_is_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n\n[tool.pipshunt]\naction = "pass"\n')
    policy = load(tmp_path)
    assert judge(policy, []).place == Place(str(tmp_path / "pyproject.toml"), 5)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('[tool]\npipshunt.action = "pass"\n', id="dotted key"),
        pytest.param('[ tool . "pipshunt" ]\naction = "pass"\n', id="spaced header"),
        pytest.param('tool.pipshunt = { action = "pass" }\n', id="inline"),
    ],
)
def test_every_spelling_of_the_table_in_pyproject_is_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert judge(load(tmp_path), []).action == "pass"


def test_a_pyproject_that_only_depends_on_pipshunt_is_no_policy(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["pipshunt"]\nbroken =\n')
    assert load(tmp_path) == Policy((), ())


def test_pipshunt_toml_wins_over_pyproject_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "pipshunt.toml").write_text('action = "pass"\n')
    (tmp_path / "pyproject.toml").write_text('\n[tool.pipshunt]\naction = "refuse"\nunknown = 1\n')
    policy = load(tmp_path)
    assert judge(policy, []).action == "pass"
    assert [str(problem) for problem in policy.problems] == [
        f"{tmp_path}/pyproject.toml line 3: [tool.pipshunt] is not used: {tmp_path}/pipshunt.toml wins (keep one of them)"
    ]


def test_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "pipshunt.toml").write_text('action = "refuze"\n')
    (tmp_path / "user.toml").write_text("acton = 1\n")
    (tmp_path / "machine.toml").write_text("venv = 1\n")
    assert [os.path.basename(problem.file) for problem in load(tmp_path).problems] == [
        "machine.toml",
        "user.toml",
        "pipshunt.toml",
    ]


def only_problem(policy: Policy) -> str:
    assert policy.layers == ()
    (problem,) = policy.problems
    return problem.message


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "elsewhere.toml").write_text('action = "refuse"\n')
    (project / "pipshunt.toml").symlink_to("../elsewhere.toml")
    message = only_problem(load(project))
    assert message == f"is ignored: it links out of the project, to {tmp_path}/elsewhere.toml"


def test_a_link_inside_the_project_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_text('action = "refuse"\n')
    (tmp_path / "pipshunt.toml").symlink_to("real.toml")
    assert judge(load(tmp_path), []).action == "refuse"


def test_a_users_policy_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "dotfiles.toml").write_text('action = "override"\n')
    (tmp_path / "user.toml").symlink_to("dotfiles.toml")
    assert judge(load(tmp_path), []).action == "override"


def test_a_file_of_another_user_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "pipshunt.toml").write_text('action = "refuse"\n')
    if UID == 0:
        os.chown(tmp_path / "pipshunt.toml", 12345, 12345)
        policy, owner, reader = load(tmp_path), 12345, 0
    else:
        policy, owner, reader = load_policy(str(tmp_path), "", "", "", 12345), UID, 12345
    assert only_problem(policy) == f"is ignored: it belongs to user {owner}, not to you (user {reader}) or root"


def test_a_users_policy_that_anyone_may_write_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "user.toml").write_text('action = "override"\n')
    (tmp_path / "user.toml").chmod(0o666)
    assert only_problem(load(tmp_path)) == "is ignored: anyone may write it"


def test_a_file_over_a_megabyte_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "pipshunt.toml").write_text('action = "refuse"\n' + "#" * (1 << 20))
    assert only_problem(load(tmp_path)) == "is ignored: it is larger than 1 MB"


def test_a_folder_or_a_pipe_in_place_of_a_policy_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "pipshunt.toml").mkdir()
    assert only_problem(load(tmp_path)) == "is ignored: it cannot be read: Is a directory"
    (tmp_path / "pipshunt.toml").rmdir()
    os.mkfifo(tmp_path / "pipshunt.toml")
    assert only_problem(load(tmp_path)) == "is ignored: it is not a regular file"


def test_a_loop_of_links_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "user.toml").symlink_to("user.toml")
    assert only_problem(load(tmp_path)) == "is ignored: it cannot be read: Too many levels of symbolic links"


# ── the cache ────────────────────────────────────────────────────────────────────────────────────────────────────────


FULL = (
    'action = "pass"\nbad = 1\ninstaller = "pip"\n[venv]\npath = "v"\nsystem-site-packages = true\n'
    '[[rule]]\npackages = ["a", "b*"]\naction = "refuse"\nmessage = "no"\n'
)


def entries(cache: Path) -> list[Path]:
    return sorted(cache.iterdir()) if cache.exists() else []


def test_what_was_compiled_is_what_was_parsed(tmp_path: Path) -> None:
    (tmp_path / "pipshunt.toml").write_text(FULL)
    cache = tmp_path / "cache"
    parsed = load(tmp_path)
    assert load(tmp_path, str(cache)) == parsed
    assert len(entries(cache)) == 1
    again = load(tmp_path, str(cache))
    assert again == parsed
    assert isinstance(again.layers[0].rules[0].place, Place)
    assert again.layers[0].installer_place == Place(f"{tmp_path}/pipshunt.toml", 3)
    assert (
        str(again.problems[0])
        == f'{tmp_path}/pipshunt.toml line 2: unknown key "bad" (known here: action, installer, grant, venv, rule)'
    )


def test_a_policy_that_was_compiled_is_not_parsed_again(tmp_path: Path) -> None:
    (tmp_path / "pipshunt.toml").write_text(FULL)
    cache = str(tmp_path / "cache")
    load(tmp_path, cache)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pipshunt.policy import load_policy\n"
        "policy = load_policy(sys.argv[2], '', '', sys.argv[3], int(sys.argv[4]))\n"
        "print(policy.layers[0].action, 'tomllib' in sys.modules)"
    )
    source = os.path.dirname(os.path.dirname(policy_cache.__file__))
    command = [sys.executable, "-I", "-S", "-c", code, source, str(tmp_path), cache, str(UID)]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "pass False\n"


def test_an_edit_counts_at_once_even_with_the_same_size_and_time(tmp_path: Path) -> None:
    file, cache = tmp_path / "pipshunt.toml", str(tmp_path / "cache")
    file.write_text('action = "venv"\n')
    status = file.stat()
    assert judge(load(tmp_path, cache), []).action == "venv"
    file.write_text('action = "pass"\n')
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert judge(load(tmp_path, cache), []).action == "pass"


def forged(tmp_path: Path) -> tuple[Path, Path]:
    """Return a cache folder and its entry for pipshunt.toml, which says refuse where the file says pass."""
    file, cache = tmp_path / "pipshunt.toml", tmp_path / "cache"
    file.write_text('action = "pass"\n')
    load(tmp_path, str(cache))
    (entry,) = entries(cache)
    key = (policy_cache._FORMAT, "repository", str(file), file.read_bytes())
    layer_ = ("repository", str(file), "refuse", (str(file), 1), "", None, None, ())
    policy_cache._write_entry(str(entry), (key, (layer_, ())))
    return cache, entry


def test_an_entry_is_believed_when_it_is_ours_alone(tmp_path: Path) -> None:
    cache, _ = forged(tmp_path)
    assert judge(load(tmp_path, str(cache)), []).action == "refuse"


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_an_entry_that_others_may_write_is_not_believed(tmp_path: Path, mode: int) -> None:
    cache, entry = forged(tmp_path)
    entry.chmod(mode)
    assert judge(load(tmp_path, str(cache)), []).action == "pass"


def test_an_entry_of_another_user_is_not_believed(tmp_path: Path) -> None:
    cache, entry = forged(tmp_path)
    reader = UID or 0
    if UID == 0:
        os.chown(entry, 12345, 12345)
    else:
        reader = 12345
        (tmp_path / "pipshunt.toml").chmod(0o644)
    policy = load_policy(str(tmp_path), "", "", str(cache), reader)
    assert all(layer.action == "pass" for layer in policy.layers)


def test_an_entry_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    cache, entry = forged(tmp_path)
    entry.rename(tmp_path / "moved")
    entry.symlink_to(tmp_path / "moved")
    assert judge(load(tmp_path, str(cache)), []).action == "pass"


@given(st.data())
def test_a_damaged_entry_is_parsed_anew(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    cache, entry = forged(tmp_path_factory.mktemp("damaged"))
    content = bytearray(entry.read_bytes())
    at = data.draw(st.integers(0, 100_000)) % len(content)
    content[at] ^= data.draw(st.integers(1, 255))
    entry.write_bytes(content[: data.draw(st.sampled_from([at + 1, len(content)]))])
    assert judge(load(cache.parent, str(cache)), []).action == "pass"


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "pipshunt.toml").write_text(FULL)
    (tmp_path / "file").write_text("")
    assert load(tmp_path, str(tmp_path / "file" / "cache")) == load(tmp_path)


def test_writing_an_entry_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "pipshunt.toml").write_text(FULL)
    load(tmp_path, str(tmp_path / "cache"))
    assert [entry.stat().st_mode & 0o777 for entry in entries(tmp_path / "cache")] == [0o600]


@given(st.binary(max_size=300))
def test_any_bytes_give_a_policy(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    project = tmp_path_factory.mktemp("any")
    for name in ("pipshunt.toml", "pyproject.toml", "user.toml"):
        (project / name).write_bytes(data)
    judge(load(project), ["flask"])
