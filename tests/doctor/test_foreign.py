"""Other managers' shims are told by where they stand or by what they say."""

from pathlib import Path

import pytest

from pipshunt.doctor.foreign import name_manager


@pytest.mark.parametrize(
    ("path", "text", "manager"),
    [
        pytest.param(".pyenv/shims/pip", "#!/bin/sh\n", "pyenv", id="pyenv, by its place"),
        pytest.param("moved/pip", '#!/usr/bin/env bash\nexec "/x/pyenv" exec "$program" "$@"\n', "pyenv", id="pyenv"),
        pytest.param("shims/pip", "#!/usr/bin/env bash\n# asdf-plugin: python 3.12\n", "asdf", id="asdf, old"),
        pytest.param(".asdf/shims/pip", "#!/usr/bin/env sh\n", "asdf", id="asdf"),
        pytest.param(".local/share/mise/shims/python3", "", "mise", id="mise"),
        pytest.param(".safe-chain/shims/pip", "#!/bin/sh\n", "safe-chain", id="safe-chain, by its place"),
        pytest.param("x/pip", "#!/bin/sh\nexec safe-chain pip\n", "safe-chain", id="safe-chain"),
        pytest.param(".rye/shims/python", "", "rye", id="rye"),
        pytest.param("miniconda3/bin/pip", "#!/x/python\n", "conda", id="conda"),
        pytest.param("usr/bin/pip", "#!/usr/bin/python3\nimport sys\n", "", id="Debian's"),
        pytest.param("usr/bin/python3", "\x7fELF pyenv exec", "", id="a binary is not read"),
    ],
)
def test_whose_a_program_is(tmp_path: Path, path: str, text: str, manager: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert name_manager(str(file)) == manager


def test_a_conda_of_any_name_is_told_by_its_records(tmp_path: Path) -> None:
    (tmp_path / "tools/conda-meta").mkdir(parents=True)
    (tmp_path / "tools/bin").mkdir()
    assert name_manager(str(tmp_path / "tools/bin/pip")) == "conda"


def test_mises_shims_are_links_to_it(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/mise").write_text("")
    (tmp_path / "pip").symlink_to("bin/mise")
    assert name_manager(str(tmp_path / "pip")) == "mise"
