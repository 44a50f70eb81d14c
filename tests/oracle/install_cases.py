"""Command lines that install, as people, Dockerfiles and CI type them, and some that none should: data for test_same_installs.

In lines, files and variables {url} is the server of the indexes, {folder} the same on disk, {private} the private one with
its password, {project} the working directory, {home} the home folder, {sha256:FILE} the hash of a file of the index.
{file:NAME} as a file's text is that file of the index. A file's name may begin with ~/; ~/repo becomes a git repository.
`before` is installed by real pip on both sides.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Case(NamedTuple):
    """One command line, and the world that it is typed in."""

    line: str
    name: str
    before: tuple[str, ...] = ()
    files: Mapping[str, str | bytes] = {}
    env: Mapping[str, str] = {}
    pip_line: str = ""  # what comes to the environment's pip, where the marker's way out is taken away first
    differs: str = ""  # how the two are known to differ
    quick: bool = False  # one of the few that every run of the tests compares

    @property
    def usual(self) -> bool:
        """Whether it is what people type, and might well succeed."""
        return not self.name.startswith(("mistakes: ", "nasty: ", "odd wheels: "))


CASES: list[Case] = []
PUBLIC: list[Case] = []  # the same against the public index
_kinds: list[str] = []


def kind(name: str) -> None:
    """Begin a group of cases."""
    _kinds.append(name)


def case(
    line: str,
    name: str = "",
    *,
    before: str = "",
    files: Mapping[str, str | bytes] | None = None,
    env: Mapping[str, str] | None = None,
    pip_line: str = "",
    differs: str = "",
    quick: bool = False,
) -> None:
    """Add a case; it is named after its line if that is enough."""
    cases = PUBLIC if _kinds[-1] == "public" else CASES
    full = f"{_kinds[-1]}: {name or line}"
    assert full not in {other.name for other in cases}, full
    cases.append(Case(line, full, tuple(before.split()), files or {}, env or {}, pip_line, differs, quick))


def pyproject(
    name: str = "demo", *, backend: str = "hatchling", module: str = "hatchling.build", more: str = ""
) -> str:
    """Return a project's pyproject.toml."""
    build = f'[build-system]\nrequires = ["{backend}"]\nbuild-backend = "{module}"\n'
    return f'{build}\n[project]\nname = "{name}"\nversion = "1.0"\n{more}'


REQUIREMENTS = "requirements.txt"
CONF = "~/.config/pip/pip.conf"

kind("names")
case("pip install requests", quick=True)
case("pip install flask")
case("pip install Flask")
case("pip install numpy")
case("pip install pandas numpy")
case("pip install numpy pandas scipy scikit-learn matplotlib")
case("pip3 install django")
case("python3 -m pip install requests")
case("pip install --user requests", pip_line="pip install requests")
case("pip install PyYAML")
case("pip install pyyaml requests beautifulsoup4 lxml")
case("pip install boto3")
case("pip install awscli boto3")
case("pip install ansible")
case("pip install pre-commit")
case("pip install black ruff mypy flake8")
case("pip install pytest pytest-cov pytest-xdist")
case("pip install tox virtualenv")
case("pip install build twine")
case("pip install Sphinx", "a cycle")
case("pip install transformers torch")
case("pip install opencv-python-headless pillow")
case("pip install ruamel.yaml")
case("pip install ruamel-yaml")
case("pip install RUAMEL_YAML")
case("pip install foo.bar-BAZ")
case("pip install docopt", "a source distribution that needs setuptools")
case("pip install pathlib")
case("pip install Babel", "scripts and data files")
case("pip install zope.interface zope.event", "a namespace package")
case("pip install azure-identity azure-core")
case("pip install google-cloud-storage")
case("pip install wrapt pygments")

kind("specifiers")
case("pip install requests==2.31.0")
case("pip install 'requests>=2.28,<2.32'")
case("pip install requests<2.32", "a specifier without quotes")
case("pip install django==4.2.*")
case("pip install 'django>=4,<5' 'djangorestframework'")
case("pip install Django~=4.2")
case("pip install 'requests == 2.31.0'")
case("pip install requests===2.31.0")
case("pip install 'urllib3!=2.2.3'")
case("pip install 'urllib3<2' requests")
case("pip install 'sqlalchemy<2.0' alembic")
case("pip install 'pydantic<2' fastapi", quick=True)
case("pip install numpy==1.26.4 pandas==2.2.3")
case("pip install 'boto3' 'urllib3<2'", "backtracks", quick=True)
case("pip install boto3 botocore==1.35.30")
case("pip install 'colorama; sys_platform == \"win32\"'")
case("pip install 'colorama; sys_platform == \"linux\"' 'tzdata ; python_version >= \"3.8\"'")
case("pip install 'importlib-metadata; python_version < \"3.8\"' six")

kind("extras")
case("pip install 'requests[socks]'")
case("pip install requests[socks]==2.31.0")
case("pip install 'uvicorn[standard]' fastapi gunicorn", quick=True)
case("pip install 'fastapi[all]'")
case("pip install 'celery[redis]'")
case("pip install 'Celery[Redis]'")
case("pip install 'sqlalchemy[postgresql-psycopg2binary]'")
case("pip install 'sqlalchemy[postgresql_psycopg2binary]'")
case("pip install 'foo-bar-baz[fancy-extra]'")
case("pip install 'pandas[excel]' 'tablib[all]'")
case("pip install 'requests[no-such-extra]'")
case("pip install 'coverage[toml]'")

kind("options")
case("pip install --no-cache-dir requests")
case("pip install --no-cache-dir --upgrade requests")
case("pip install -q requests")
case("pip install -qq --no-input --disable-pip-version-check requests")
case("pip install -v six")
case("pip --no-cache-dir install six")
case("pip --disable-pip-version-check --no-cache-dir install -q flask gunicorn")
case("pip install --progress-bar off --no-color six")
case("pip install --no-deps flask")
case("pip install --pre httpx")
case("pip install --pre black")
case("pip install --no-compile six")
case("pip install --only-binary :all: numpy")
case("pip install --no-binary wrapt wrapt")
case("pip install --no-binary=:all: pygments")
case("pip install --only-binary=markupsafe 'markupsafe<3.0.1'")
case("pip install --prefer-binary 'markupsafe<3.0.1'")
case("pip install --no-build-isolation docopt", before="setuptools==75.1.0 wheel")
case("pip install --no-warn-script-location --root-user-action=ignore black")
case("pip install --timeout 60 --retries 10 requests")
case("pip install --default-timeout=100 requests")
case("pip install --trusted-host pypi.org --trusted-host files.pythonhosted.org requests")
case("pip install --force-reinstall six", before="six==1.16.0")
case("pip install --force-reinstall --no-deps requests", before="requests==2.31.0")
case("pip install --ignore-installed six", before="six==1.15.0")
case("pip install -I six==1.15.0", before="six")
case("pip install --report report.json -q six")
case("pip install --upgrade-strategy eager -U requests-oauthlib", before="requests-oauthlib idna==3.4")
case("pip install --quie --disable-pip six")
case("pip install --use-feature=fast-deps requests")
case("pip install --use-pep517 docopt")
case("pip install --no-clean --src {project}/src six")
case("pip install --cache-dir {home}/cache six")
case("pip install --log pip.log six")
case("pip install --ignore-requires-python python-capped")
case("pip install --exists-action w --no-input six")

kind("upgrades")
case("pip install --upgrade requests", before="requests==2.31.0 idna==3.4", quick=True)
case("pip install -U requests", "of what is not there")
case("pip install -U requests urllib3", before="requests==2.31.0 urllib3==2.0.7 certifi==2024.7.4")
case("pip install -U six", "of what is newest", before="six==1.16.0")
case("pip install -U --no-deps requests", before="requests==2.31.0")
case("pip install -Uq flask", before="flask==2.3.3")
case("pip install --upgrade setuptools wheel")
case("pip install --upgrade pip")
case("pip install --upgrade pip setuptools wheel")
case("pip install -U pip==30.0 -q")
case("pip install requests", "already there", before="requests", quick=True)
case("pip install requests flask", "half of it is there", before="requests==2.31.0")
case("pip install requests==2.31.0", "a downgrade", before="requests")
case("pip install 'urllib3<2'", "a downgrade that breaks another", before="boto3 requests==2.32.3")
case("pip install urllib3==1.26.20", "breaks what is there", before="requests==2.32.3 pluggy==1.4.0")
case("pip install 'requests>=2.30'", "there and enough", before="requests==2.31.0")
case("pip install idna==3.10", before="idna==3.4")
case("pip install pytest-cov", before="pytest==7.4.4")
case("pip install 'requests[socks]'", "the extra is missing", before="requests==2.31.0")
case("pip install --upgrade 'django<5'", before="django==3.2.25")
case(
    "pip install -r requirements.txt",
    "again",
    before="flask==3.0.3 gunicorn",
    files={REQUIREMENTS: "flask==3.0.3\ngunicorn\n"},
)
case("pip install --upgrade -r requirements.txt", before="flask==2.3.3", files={REQUIREMENTS: "flask\ngunicorn\n"})

kind("requirement files")
case(
    "pip install -r requirements.txt",
    quick=True,
    files={REQUIREMENTS: "# web\nflask==3.0.3\ngunicorn==23.0.0  # server\n\npsycopg2-binary\npython-dotenv>=1.0\n"},
)
case(
    "pip install --no-cache-dir -r requirements.txt",
    quick=True,
    files={REQUIREMENTS: "fastapi==0.115.0\nuvicorn[standard]==0.30.6\npydantic>=2,<3\nhttpx\n"},
)
case("pip install --no-cache-dir --upgrade -r {project}/requirements.txt", files={REQUIREMENTS: "fastapi\nuvicorn\n"})
case("pip install -rrequirements.txt", files={REQUIREMENTS: "six\n"})
case("pip install -q -r requirements.txt -r dev.txt", files={REQUIREMENTS: "requests\n", "dev.txt": "pytest\nmock\n"})
case(
    "pip install -r requirements/dev.txt",
    files={
        "requirements/dev.txt": "-r base.txt\npytest\nblack\n",
        "requirements/base.txt": "django<5\n-c cons.txt\n",
        "requirements/cons.txt": "sqlparse==0.5.1\n",
    },
)
case(
    "pip install -r requirements.txt -c constraints.txt",
    quick=True,
    files={
        REQUIREMENTS: "flask\nrequests\n",
        "constraints.txt": "flask==2.3.3\nwerkzeug==2.3.8\nurllib3<2\nnumpy==1.26.4\n",
    },
)
case("pip install -c constraints.txt requests", files={"constraints.txt": "urllib3==1.26.20\nrequests==2.31.0\n"})
case("pip install -c {url}/constraints.txt flask requests")
case("pip install -r {url}/requirements.txt")
case(
    "pip install -r requirements.txt",
    "a frozen one",
    files={
        REQUIREMENTS: "certifi==2024.8.30\ncharset-normalizer==3.4.0\nidna==3.10\nrequests==2.32.3\nurllib3==2.2.3\n"
    },
)
case(
    "pip install --no-deps -r requirements.txt",
    files={REQUIREMENTS: "requests==2.32.3\nurllib3==2.2.3\n"},
)
case(
    "pip install --require-hashes -r requirements.txt",
    quick=True,
    files={REQUIREMENTS: "six==1.15.0 \\\n    --hash=sha256:{sha256:six-1.15.0-py3-none-any.whl}\n"},
)
case(
    "pip install -r requirements.txt",
    "hashes as pip-compile writes them",
    files={
        REQUIREMENTS: "#\n# This file is autogenerated by pip-compile with Python 3.11\n# by the following command:\n#\n"
        "#    pip-compile --generate-hashes\n#\npython-dateutil==2.8.2 \\\n"
        "    --hash=sha256:0123b3e16e1d1e2ee0c1cb4a0f4b1b1e0e9c5c0b1ea1a7ca5fd8e1ae3b1a2f00 \\\n"
        "    --hash=sha256:{sha256:python_dateutil-2.8.2-py3-none-any.whl}\n    # via -r requirements.in\n"
        "six==1.15.0 \\\n    --hash=sha256:{sha256:six-1.15.0-py3-none-any.whl}\n    # via python-dateutil\n"
    },
)
case(
    "pip install --no-deps -r requirements.txt",
    "several hashes",
    files={
        REQUIREMENTS: "idna==3.10 \\\n    --hash=sha256:{sha256:idna-3.10-py3-none-any.whl}\n    # via requests\n"
        "six==1.15.0 --hash=sha256:{sha256:six-1.15.0-py3-none-any.whl}\n"
    },
)
case("pip install -r requirements.txt", "a byte order mark", files={REQUIREMENTS: b"\xef\xbb\xbfsix\nidna\n"})
case("pip install -r requirements.txt", "CRLF", files={REQUIREMENTS: b"# from Windows\r\nsix==1.15.0\r\n\r\nidna\r\n"})
case("pip install -r requirements.txt", "UTF-16", files={REQUIREMENTS: "six==1.15.0\nidna\n".encode("utf-16")})
case(
    "pip install -r requirements.txt",
    "markers",
    files={
        REQUIREMENTS: 'colorama==0.4.6 ; sys_platform == "win32"\nsix ; python_version >= "3"\nnumpy==1.26.4 ; python_version < "3.12"\nnumpy==2.1.1 ; python_version >= "3.12"\n'
    },
)
case(
    "pip install -r requirements.txt", "continuation lines", files={REQUIREMENTS: "requests \\\n  >=2.30,\\\n  <2.32\n"}
)
case("pip install -r requirements.txt", "comments", files={REQUIREMENTS: "# a\n   # b\nsix # c\nidna  #d\n"})
case(
    "pip install -r requirements.txt", "variables", env={"VERSION": "1.15.0"}, files={REQUIREMENTS: "six==${VERSION}\n"}
)
case(
    "pip install -r requirements.txt",
    "a password from a variable",
    env={"INDEX_USER": "ana", "INDEX_PASSWORD": "s3cret"},
    files={REQUIREMENTS: "--extra-index-url http://${INDEX_USER}:${INDEX_PASSWORD}@{host}/private\ncompany-utils\n"},
)
case(
    "pip install -r requirements.txt",
    "an index of its own",
    files={REQUIREMENTS: "--index-url {url}/simple\n--extra-index-url {url}/second\nsecond-only\ndupe\n"},
)
case(
    "pip install -r requirements.txt",
    "torch from its index",
    files={REQUIREMENTS: "--extra-index-url {url}/cpu\ntorch==2.4.1+cpu\nnumpy\n"},
)
case(
    "pip install -r requirements.txt", "links", files={REQUIREMENTS: "--find-links {folder}/links\nsix\nlinked-only\n"}
)
case(
    "pip install -r requirements.txt",
    "options on lines",
    files={REQUIREMENTS: "--pre\n--no-binary pygments\nhttpx\npygments\n"},
)
case("pip install -r requirements.txt", "prefer-binary", files={REQUIREMENTS: "--prefer-binary\nmarkupsafe<3.0.1\n"})
case("pip install -r requirements.txt", "the same twice", files={REQUIREMENTS: "six\nsix==1.15.0\n"})
case(
    "pip install -r requirements.txt",
    "a path and an editable",
    files={REQUIREMENTS: "-e .\n./lib\nsix\n", "pyproject.toml": pyproject(), "lib/pyproject.toml": pyproject("inner")},
)
case(
    "pip install -r requirements.txt",
    "latin-1",
    files={REQUIREMENTS: "# -*- coding: latin-1 -*-\n# f\xfcr\nsix\n".encode("latin-1")},
)

kind("indexes")
case("pip install --index-url {url}/simple requests")
case("pip install -i {url}/simple/ six")
case("pip install --index-url={url}/cpu torch", quick=True)
case("pip install torch --extra-index-url {url}/cpu")
case("pip install torch==2.4.1 --extra-index-url {url}/cpu", "a local version is newer")
case("pip install torch==2.4.1+cpu -f {folder}/files/cpu")
case("pip install --extra-index-url {url}/second dupe", "the same name in two")
case("pip install --extra-index-url {url}/second dupe==1.0", "the same version in two")
case("pip install --extra-index-url {url}/second second-only six")
case("pip install --extra-index-url {private} company-utils", quick=True)
case(
    "pip install --extra-index-url {url}/private company-core",
    "netrc",
    files={"~/.netrc": "machine 127.0.0.1 login ana password s3cret\n"},
)
case("pip install --extra-index-url {private} company-core==2.0 flask")
case("pip install --index-url file://{folder}/simple six idna")
case("pip install --no-index --find-links {folder}/files/simple requests", quick=True)
case("pip install --no-index -f {folder}/links six")
case("pip install --find-links {url}/links.html linked-only")
case("pip install -f {folder}/links six")
case("pip install --trusted-host 127.0.0.1 --index-url {url}/simple six")
case("pip install --proxy '' six")

kind("configuration")
case("pip install six", "PIP_INDEX_URL", env={"PIP_INDEX_URL": "{url}/simple"})
case("pip install torch", "PIP_EXTRA_INDEX_URL", env={"PIP_EXTRA_INDEX_URL": "{url}/cpu {url}/second"})
case(
    "pip install six",
    "as in Dockerfiles",
    env={
        "PIP_NO_CACHE_DIR": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_DEFAULT_TIMEOUT": "100",
        "PIP_ROOT_USER_ACTION": "ignore",
    },
    quick=True,
)
case("pip install six", "PIP_NO_CACHE_DIR=off", env={"PIP_NO_CACHE_DIR": "off"})
case(
    "pip install requests",
    "PIP_CONSTRAINT",
    env={"PIP_CONSTRAINT": "{project}/constraints.txt"},
    files={"constraints.txt": "requests<2.32\nurllib3<2\n"},
    quick=True,
)
case(
    "pip install stamped",
    "PIP_CONSTRAINT and a build",
    env={"PIP_CONSTRAINT": "constraints.txt"},
    files={"constraints.txt": "buildhelper==1.0\n"},
)
case("pip install six", "PIP_FIND_LINKS", env={"PIP_FIND_LINKS": "{folder}/links"})
case("pip install httpx", "PIP_PRE", env={"PIP_PRE": "1"})
case("pip install six", "PIP_QUIET", env={"PIP_QUIET": "1"})
case("pip install six idna", "PIP_ONLY_BINARY", env={"PIP_ONLY_BINARY": ":all:"})
case("pip install six", "PIP_USER=0", env={"PIP_USER": "0"})
case("pip install flask", "PIP_NO_DEPS", env={"PIP_NO_DEPS": "true"})
case(
    "pip install docopt",
    "PIP_NO_BUILD_ISOLATION=false",
    before="setuptools wheel",
    env={"PIP_NO_BUILD_ISOLATION": "false"},
)
case(
    "pip install torch",
    "pip.conf",
    files={CONF: "[global]\nindex-url = {url}/cpu\n[install]\nno-compile = yes\n"},
    quick=True,
)
case(
    "pip install dupe",
    "extra indexes in pip.conf",
    files={CONF: "[global]\nextra-index-url =\n    {url}/cpu\n    {url}/second\ntimeout = 60\n"},
)
case(
    "pip install company-utils",
    "a password in pip.conf",
    files={CONF: "[install]\nextra_index_url = {private}\ntrusted-host = 127.0.0.1\n"},
)
case(
    "pip install six",
    "find-links in pip.conf",
    files={CONF: "[global]\nfind-links = {folder}/links\nno-index = true\n"},
)
case("pip install --isolated six", files={CONF: "[global]\nfind-links = {folder}/links\n"}, env={"PIP_PRE": "1"})
case(
    "pip install --isolated torch",
    files={".venv/pip.conf": "[global]\nextra-index-url = {url}/cpu\n", CONF: "[global]\nno-index = 1\n"},
)
case(
    "pip install six",
    "the environment's pip.conf",
    files={".venv/pip.conf": "[install]\nfind-links = {folder}/links\n"},
)
case(
    "pip install six",
    "PIP_CONFIG_FILE",
    env={"PIP_CONFIG_FILE": "{project}/my.conf"},
    files={"my.conf": "[global]\nfind-links = {folder}/links\n", CONF: "[global]\nno-index = 1\n"},
)
case("pip install six", "~/.pip/pip.conf", files={"~/.pip/pip.conf": "[global]\nfind-links = {folder}/links\n"})
case(
    "pip install requests",
    "UV variables that pip does not know",
    env={"UV_INDEX_URL": "{url}/nothing", "UV_RESOLUTION": "lowest", "UV_CONSTRAINT": "x.txt"},
)
case(
    "pip install requests",
    "uv.toml that pip does not know",
    files={"uv.toml": "[pip]\nno-deps = true\nresolution = 'lowest'\n"},
)
case(
    "pip install requests",
    "[tool.uv] that pip does not know",
    files={
        "pyproject.toml": '[project]\nname = "demo"\nversion = "1"\n[tool.uv]\noverride-dependencies = ["urllib3==1.26.20"]\nprerelease = "allow"\n'
    },
)
case("pip install requests", "a broken pyproject.toml beside it", files={"pyproject.toml": "[project\nname =\n"})
case("pip install requests", "another .python-version", files={".python-version": "3.8\n", "uv.lock": "version = 1\n"})

kind("projects")
case("pip install -e .", quick=True, files={"pyproject.toml": pyproject(more='dependencies = ["six", "idna>=3"]\n')})
case(
    "pip install .",
    files={"pyproject.toml": pyproject(more='dependencies = ["requests"]\n[project.scripts]\ndemo = "demo:main"\n')},
)
case(
    "pip install -e '.[dev,test]'",
    files={
        "pyproject.toml": pyproject(
            more='dependencies = ["six"]\n[project.optional-dependencies]\ndev = ["black"]\ntest = ["pytest", "mock; python_version > \'3\'"]\n'
        )
    },
)
case(
    "pip install '.[Dev_Tools]'",
    files={"pyproject.toml": pyproject(more='[project.optional-dependencies]\ndev-tools = ["ruff"]\n')},
)
case("pip install --no-deps -e .", files={"pyproject.toml": pyproject(more='dependencies = ["six"]\n')})
case("pip install --no-build-isolation -e .", before="hatchling", files={"pyproject.toml": pyproject()})
case("pip install -e . -r requirements.txt", files={"pyproject.toml": pyproject(), REQUIREMENTS: "pytest\n"})
case(
    "pip install ./lib",
    files={"lib/pyproject.toml": pyproject("inner", backend="flit_core", module="flit_core.buildapi")},
)
case(
    "pip install {project}/lib six",
    files={"lib/pyproject.toml": pyproject("inner", backend="setuptools", module="setuptools.build_meta")},
)
case("pip install ./lib", "again", before="./lib", files={"lib/pyproject.toml": pyproject("inner")})
case(
    "pip install .",
    "poetry",
    files={
        "pyproject.toml": '[tool.poetry]\nname = "poem"\nversion = "0.1"\n[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n'
    },
)
case(
    "pip install .",
    "setup.cfg",
    files={
        "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\n',
        "setup.cfg": "[metadata]\nname = old\nversion = 2\n[options]\ninstall_requires =\n    six\n    idna\n",
    },
)
case(
    "pip install -e .",
    "an editable setup.cfg",
    files={
        "pyproject.toml": '[build-system]\nrequires = ["setuptools", "wheel"]\nbuild-backend = "setuptools.build_meta"\n',
        "setup.cfg": "[metadata]\nname = old\nversion = 2\n",
    },
)
case(
    "pip install .",
    "uv's sources are not pip's",
    files={
        "pyproject.toml": pyproject(more='dependencies = ["six"]\n[tool.uv.sources]\nsix = { path = "./lib" }\n'),
        "lib/pyproject.toml": pyproject("inner"),
    },
)
case("pip install -C note=x ./lib", files={"lib/pyproject.toml": pyproject("inner")})
case("pip install --config-settings note=x .", files={"pyproject.toml": pyproject()})
case(
    "pip install --group dev",
    files={
        "pyproject.toml": '[project]\nname = "demo"\nversion = "1"\n[dependency-groups]\ndev = ["pytest", {include-group = "lint"}]\nlint = ["ruff"]\n'
    },
)
case(
    "pip install six --group lib/pyproject.toml:dev",
    files={"lib/pyproject.toml": "[dependency-groups]\ndev = ['idna']\n"},
)

kind("files and addresses")
case("pip install {folder}/files/simple/six-1.15.0-py3-none-any.whl")
case(
    "pip install ./wheels/six-1.15.0-py3-none-any.whl",
    files={"wheels/six-1.15.0-py3-none-any.whl": "{file:six-1.15.0-py3-none-any.whl}"},
)
case("pip install {url}/files/simple/requests-2.31.0-py3-none-any.whl")
case("pip install {url}/files/simple/wrapt-1.16.0.tar.gz")
case("pip install {folder}/files/simple/wrapt-1.16.0.tar.gz")
case("pip install 'six @ {url}/files/simple/six-1.15.0-py3-none-any.whl'")
case("pip install 'requests[socks] @ {url}/files/simple/requests-2.31.0-py3-none-any.whl'")
case("pip install 'six @ file://{folder}/files/simple/six-1.15.0-py3-none-any.whl'")
case(
    "pip install {url}/files/simple/six-1.15.0-py3-none-any.whl#sha256={sha256:six-1.15.0-py3-none-any.whl}",
    "with its hash",
)
case("pip install {folder}/files/simple/six-1.15.0-py3-none-any.whl", "already there", before="six==1.15.0")
case("pip install {folder}/files/simple/six-1.15.0-py3-none-any.whl", "another version there", before="six==1.16.0")
case("pip install git+file://{home}/repo", files={"~/repo/pyproject.toml": pyproject("cloned")})
case("pip install 'cloned @ git+file://{home}/repo@main'", files={"~/repo/pyproject.toml": pyproject("cloned")})
case("pip install -e git+file://{home}/repo#egg=cloned", files={"~/repo/pyproject.toml": pyproject("cloned")})

kind("mistakes")
case("pip install requests==99.0", "no such version")
case("pip install no-such-package-here")
case("pip install awscli boto3==1.35.31", "a conflict")
case("pip install --only-binary=:all: docopt", "no wheel")
case("pip install -U --no-such-option six")
case("pip install", "nothing")
case("pip install --no-dep flask", "an abbreviation")
case("pip install -r requirements.txt", "a wrong hash", files={REQUIREMENTS: f"six==1.15.0 --hash=sha256:{'0' * 64}\n"})
case(
    "pip install -r requirements.txt",
    "a hash for one only",
    files={REQUIREMENTS: "six==1.15.0 --hash=sha256:{sha256:six-1.15.0-py3-none-any.whl}\nidna\n"},
)
case("pip install -r requirements.txt", "a missing one")
case("pip install -r requirements.txt", "an empty one", files={REQUIREMENTS: "# nothing yet\n"})
case("pip install -r requirements.txt", "a bad line", files={REQUIREMENTS: "six\nflask=3.0\n"})
case("pip install -r requirements.txt", "conda's", files={REQUIREMENTS: "name: demo\ndependencies:\n  - python=3.11\n"})
case("pip install -r requirements.txt", "of itself", files={REQUIREMENTS: "-r requirements.txt\nsix\n"})
case(
    "pip install -r pyproject.toml",
    "no requirement file",
    files={"pyproject.toml": pyproject(more='dependencies = ["six"]\n')},
)
case(
    "pip install -c constraints.txt six",
    "requirements in constraints",
    files={"constraints.txt": "-r more.txt\n", "more.txt": "idna\n"},
)
case(
    "pip install -c constraints.txt six",
    "an extra in constraints",
    files={"constraints.txt": "requests[socks]==2.31.0\n"},
)
case("pip install --extra-index-url {url}/private company-core", "no password")
case(
    "pip install --no-index --find-links=wheels -r requirements.txt",
    "nothing there",
    files={REQUIREMENTS: "six\n", "wheels/.keep": ""},
)
case("pip install --no-index six")
case("pip install --index-url {url}/nothing six")
case("pip install six", "a bad boolean", env={"PIP_PRE": "maybe"})
case("pip install six", "a broken pip.conf", files={CONF: "index-url = nowhere\n"})
case("pip install .", "no project", files={"pyproject.toml": ""})
case(
    "pip install .",
    "a build that fails",
    files={"pyproject.toml": pyproject(more='[tool.mini]\nfail = "error: no compiler"\n')},
)
case("pip install .", "Requires-Python", files={"pyproject.toml": pyproject(more='requires-python = "<3.5"\n')})
case("pip install ./nowhere.whl")
case(f"pip install {{url}}/files/simple/six-1.15.0-py3-none-any.whl#sha256={'0' * 64}", "with a wrong hash")
case("pip install lib", "a name, not the folder beside it", files={"lib/pyproject.toml": pyproject("inner")})

case(
    "pip install -r requirements.txt",
    "a conflict in a file",
    files={REQUIREMENTS: "requests==2.28.2\nurllib3==2.2.3\n"},
)
case("pip install -r requirements.txt", "a comment without a blank before it", files={REQUIREMENTS: "six#d\n"})

kind("nasty")
case("pip install dataclasses", "Requires-Python bounds from above", quick=True)
case("pip install typing enum34 ipaddress")
case("pip install dataclasses==0.8")
case("pip install futures", "none for this Python")
case("pip install backports.zoneinfo")
case("pip install needs-capped", "a bound of a dependency")
case("pip install python-two")
case("pip install only-pre", "pre-releases only")
case("pip install opentelemetry-sdk", "a dependency with pre-releases only", quick=True)
case("pip install azure-ai-preview")
case("pip install 'httpx>=0.28.dev0'", "a specifier that names one")
case("pip install 'maybe>=2.0a1'")
case("pip install 'maybe>=1.0a1'")
case("pip install 'maybe!=1.5'")
case("pip install 'maybe<2.0b2'")
case("pip install needs-pre", "a dependency that names one", quick=True)
case("pip install needs-pre 'maybe<2'")
case("pip install maybe", "an installed pre-release", before="maybe==2.0b1")
case("pip install attrs==21.1.0", "yanked and named")
case("pip install markdown", "newest is yanked")
case("pip install yanked-only")
case("pip install 'typing-extensions<4.9'", "only a yanked one fits")
case("pip install epoch")
case("pip install 'epoch<2'")
case("pip install local-build==1.0")
case("pip install 'local-build<=1.0'")
case("pip install circle-a")
case("pip install conflict-a conflict-b", "backtracks")
case("pip install conflict-a conflict-b==1.0", "cannot be")
case("pip install impossible")
case("pip install order-one order-two")
case("pip install order-two order-one")
case("pip install bad-specifier", "metadata that pip rejects", quick=True)
case("pip install bad-python")
case("pip install urldep", "a dependency by address")
case("pip install stamped", "a build with requirements")
case("pip install foreign-only", "no wheel for this platform")
case("pip install numpy==2.1.2")
case("pip install sklearn", "cannot be built", quick=True)
case("pip install psycopg2 six", "cannot be built, beside what can")
case("pip install pycrypto PyYAML==5.4.1")
case("pip install sometimes-built", "the newest cannot be built")
case("pip install pytz==2004d pytz", "a legacy version")
case("pip install 'six (==1.15.0)'")
case("pip install six==1.15.0 six==1.16.0")
case("pip install six, requests", "a comma")
case("pip install install six", "install twice")
case("pip install requests=2.31.0", "one equals sign")
case("pip install 'requests>=2.30 <2.32'", "no comma")
case("pip install -r", "no file named")
case("pip install python3-yaml", "a name of apt's")
case("pip install requirements.txt", "the -r forgotten", files={REQUIREMENTS: "six\n"})
case("pip install -- six")
case("pip install six six")
case("pip install Six six==1.16")

kind("odd wheels")
for _name in (
    *(
        "torn",
        "outer",
        "misversioned",
        "hollow",
        "old-tool",
        "moved",
        "unicode-files",
        "startup",
        "precompiled",
        "empty",
    ),
    *("laid-out", "many-scripts", "padded", "vee", "parentheses", "spaced", "quoted", "self-extra[all]"),
    *("quoted[b]", "needs-setuptools", "needs-pip", "needs-missing-extra", "needs-absent", "needs-absent-elsewhere"),
    *("needs-local", "triple", "excludes", "bad-requirement", "bad-requirement-elsewhere", "long-metadata"),
    *(
        "unicode-author",
        "script-blank",
        "script-bare",
        "script-deep",
        "script-dash",
        "padded==2020.6.20",
        "zeroes==1",
        "'clash-a' clash-b",
        "clash-b clash-a",
    ),
):
    case(f"pip install {_name}", _name)
case("pip install escaping", differs="uv leaves out a file that leads out of the environment, where pip stops")
case("pip install -U moved", "an upgrade that moves files", before="moved==1.0")
case("pip install -U to-module", "a folder becomes a module", before="to-module==1.0")
case("pip install clash-b", "a file of what is there", before="clash-a")
case("pip install Foo-bar-BAZ", "there under another spelling", before="Foo.Bar_baz")
case(
    "pip install -c constraints.txt requests",
    "there, but not as constrained",
    before="requests",
    files={"constraints.txt": "requests==2.31.0\n"},
)
case(
    "pip install -c constraints.txt six",
    "there, and constrained elsewhere",
    before="six",
    files={"constraints.txt": "idna<3\n"},
)
case(
    "pip install -U six",
    "beside an editable",
    before="-e ./lib",
    files={"lib/pyproject.toml": pyproject("inner", more='dependencies = ["idna<3.10"]\n')},
)
case(
    "pip install -U idna",
    "held back by an editable",
    before="-e ./lib",
    files={"lib/pyproject.toml": pyproject("inner", more='dependencies = ["idna<3.10"]\n')},
)
case("pip install inner", "there as an editable", before="-e ./lib", files={"lib/pyproject.toml": pyproject("inner")})
case(
    "pip install -U inner",
    "there as an editable, upgraded",
    before="-e ./lib",
    files={"lib/pyproject.toml": pyproject("inner")},
)
case("pip install --pre maybe", "a final one is there", before="maybe==1.0")
case("pip install -U --pre maybe", "a final one is there, upgraded", before="maybe==1.0")
case("pip install -U maybe", "a pre-release is there, upgraded", before="maybe==2.0b1")
case("pip install 'maybe>=1.0'", "a pre-release is there", before="maybe==2.0b1")
case("pip install needs-pre", "the final one is there", before="maybe==1.5")
case("pip install epoch==2024.1", "a downgrade across epochs", before="epoch")
case("pip install typing-extensions", "a yanked one is there", before="typing-extensions==4.7.0")
case("pip install pydantic", "a yanked one is there that fits", before="typing-extensions==4.7.0")
case("pip install -U torch", "a local version is there", before="local-build")
case("pip install local-build", "there with a local version", before="local-build")

kind("public")
case("pip install requests")
case("pip install -q flask gunicorn")
case("pip install --no-cache-dir 'django>=4.2,<5' djangorestframework")
case("pip install 'uvicorn[standard]' fastapi")
case("pip install black ruff mypy")
case("pip install pytest pytest-cov pytest-xdist")
case("pip install numpy==1.26.4 --only-binary :all:")
case("pip install 'boto3' 'urllib3<2'")
case("pip install awscli boto3")
case("pip install ansible-core")
case("pip install pre-commit tox")
case("pip install Sphinx")
case("pip install mkdocs mkdocs-material")
case("pip install 'celery[redis]'")
case("pip install azure-identity")
case("pip install google-cloud-storage")
case("pip install opentelemetry-sdk opentelemetry-exporter-otlp")
case("pip install opentelemetry-instrumentation-flask")
case("pip install 'httpx>=0.20.0b0'")
case("pip install --pre black")
case("pip install dataclasses")
case("pip install typing")
case("pip install enum34 six")
case("pip install docopt")
case("pip install sklearn")
case("pip install PyYAML lxml beautifulsoup4")
case("pip install ruamel.yaml Jinja2")
case("pip install 'pydantic<2' 'fastapi<0.100'")
case("pip install sqlalchemy alembic psycopg2-binary")
case("pip install httpie")
case("pip install 'yt-dlp[default]'")
case("pip install 'typer[all]'")
case("pip install build twine wheel")
case("pip install --upgrade setuptools wheel")
case("pip install --upgrade pip")
case("pip install --upgrade requests", "an upgrade", before="requests==2.28.2")
case("pip install -r requirements.txt", files={REQUIREMENTS: "flask==2.3.3\nflask-sqlalchemy\npython-dotenv>=1\n# x\n"})
case(
    "pip install -r requirements.txt -c constraints.txt",
    files={REQUIREMENTS: "flask\n", "constraints.txt": "werkzeug<3\n"},
)
case("pip install no-such-project-as-this-one-here")
case("pip install attrs==21.1.0", "yanked")
case("pip install git+https://github.com/psf/requests@v2.31.0")
case(
    "pip install -e .",
    files={
        "pyproject.toml": pyproject(
            backend="setuptools", module="setuptools.build_meta", more='dependencies = ["six"]\n'
        )
    },
)
