"""What the shell hook costs at each prompt: `.tests-env/bin/python bench/hook.py [PROMPTS]`.

Prints the CPU time of the shell, in microseconds a prompt; judges nothing. In folders of a home in a temporary folder,
as an ordinary user: root's registrations are the machine's.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / folder) for folder in ("src", "tests")]

from hooks.home import Home
from machine import USER

LOOPS = {
    "bash": "for ((i = 0; i < {prompts}; i++)); do _pipshunt_prompt; done",
    "zsh": "for ((i = 0; i < {prompts}; i++)); do _pipshunt_prompt; done",
    "fish": "for i in (seq {prompts}); _pipshunt_prompt; end",
}


def main() -> None:
    prompts = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    root = Path(tempfile.mkdtemp(prefix="pipshunt-bench-")).resolve()
    root.chmod(0o755)
    try:
        home = Home(root)
        shop = home.project("work/shop")
        deep = shop / "a/b/c/d/e/f"
        deep.mkdir(parents=True)
        home.give()
        folders = {"nothing followed": Path("/usr/lib"), "above a project": home.home, "in it": shop, "6 below": deep}
        print(f"{'us a prompt':<12}" + "".join(f"{name:>18}" for name in folders))
        for shell in filter(shutil.which, LOOPS):
            costs = [_measure(home, shell, folder, prompts) for folder in folders.values()]
            print(f"{shell:<12}" + "".join(f"{cost:>18.0f}" for cost in costs), flush=True)
    finally:
        shutil.rmtree(root)


def _measure(home: Home, shell: str, folder: Path, prompts: int) -> float:
    """Return the microseconds that a prompt in *folder* takes, the start of the shell left out."""
    idle = _run(home, shell, folder, 0)
    return (_run(home, shell, folder, prompts) - idle) / prompts * 1e6


def _run(home: Home, shell: str, folder: Path, prompts: int) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    line = f"{home.source(shell)}; _pipshunt_prompt; {LOOPS[shell].format(prompts=prompts)}; true"
    subprocess.run([shell, "-c", line], env=home.env(), cwd=folder, check=True, user=USER, group=USER)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
