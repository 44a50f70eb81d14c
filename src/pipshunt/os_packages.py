"""Names of OS packages given to pip, and names of projects looked for in the OS: the right name for either.

The pairs are the most downloaded projects that Debian's package is named otherwise (dh-python's list for Python 3); the
names that the index has after all, so that nothing is said of them, were looked up in a list of all its projects.
"""

from collections.abc import Iterator, Sequence

from pipshunt.marker import Marker, install_command

# What follows python3- or py3- → the project.
_PROJECTS = {
    "attr": "attrs", "bs4": "beautifulsoup4", "cairo": "pycairo", "crypto": "pycryptodome",
    "dateutil": "python-dateutil", "dbus": "dbus-python", "docx": "python-docx", "dotenv": "python-dotenv",
    "engineio": "python-engineio", "fitz": "pymupdf", "gi": "pygobject", "git": "gitpython", "github": "pygithub",
    "gitlab": "python-gitlab", "gnupg": "python-gnupg", "googleapi": "google-api-python-client",
    "jose": "python-jose", "jwt": "pyjwt", "ldap": "python-ldap", "magic": "python-magic",
    "multipart": "python-multipart", "mysqldb": "mysqlclient", "nacl": "pynacl", "opencv": "opencv-python",
    "opengl": "pyopengl", "openssl": "pyopenssl", "pil": "pillow", "pptx": "python-pptx", "psycopg3": "psycopg",
    "pywt": "pywavelets", "serial": "pyserial", "skimage": "scikit-image", "sklearn": "scikit-learn",
    "slugify": "python-slugify", "snappy": "python-snappy", "socketio": "python-socketio", "socks": "pysocks",
    "telegram": "python-telegram-bot", "tz": "pytz", "usb": "pyusb", "vlc": "python-vlc",
    "websocket": "websocket-client", "wxgtk4-0": "wxpython", "yaml": "pyyaml", "zmq": "pyzmq",
}  # fmt: skip
# Imported or called by these names, which no project on the index has (sklearn: one that only says so).
_IMPORTED = {
    "cv2": "opencv-python", "dateutil": "python-dateutil", "engineio": "python-engineio", "git": "gitpython",
    "magic": "python-magic", "mysqldb": "mysqlclient", "nacl": "pynacl", "opencv": "opencv-python",
    "openssl": "pyopenssl", "pil": "pillow", "pip3": "pip", "pptx": "python-pptx", "psycopg3": "psycopg",
    "sklearn": "scikit-learn", "vlc": "python-vlc", "yaml": "pyyaml",
}  # fmt: skip
# After python3- these are no projects, but parts of Python itself or of the OS.
_PARTS = frozenset(
    """
    all apt dbg dev devel distutils full gdbm lib2to3 libcamera minimal pip tk tkinter venv virtualenvwrapper
    """.split()  # noqa: SIM905  (a list of words is read more easily so)
)
# Projects of the index all the same.
_REAL = frozenset(
    """
    python-git python-github python-jwt python-pip python-socks python-telegram python-usb
    python3-application python3-binance python3-byoc python3-clamav python3-commons python3-discogs-client python3-dtls
    python3-etcd3 python3-gearman python3-ghostscript python3-indy python3-keyczar python3-ldap python3-linkedin
    python3-log python3-logstash python3-memcached python3-midi python3-netsnmp python3-ngrok python3-nmap python3-olm
    python3-openid python3-pika python3-ping python3-pip-autoremove python3-pip-skeleton python3-protobuf
    python3-pyatspi python3-pytun python3-rpm python3-saml python3-saml-django python3-smpplib python3-spi python3-ssh
    python3-utils python3-wget python3-xid python3-xlib
    py3-application py3-bencode py3-gmp py3-pinterest py3-progressbar py3-protobuffers py3-rocksdb py3-tts
    py3-tts-wrapper py3-validate-email py3-web py3-wget
    """.split()  # noqa: SIM905
)


def hints(names: Sequence[str], marker: Marker | None, uid: int) -> Iterator[str]:
    """Yield a line for each of the normalised *names* of an install that failed, where it is an OS package's name."""
    for name in names:
        word = _word(name)
        if name in _IMPORTED:
            yield f"{name} is not the name of the project; what is meant may be: pip install {_IMPORTED[name]}"
        elif name == "tkinter" or word in _PARTS or _is_library(name):
            typed = "python3-tk" if name == "tkinter" else _as_typed(name)
            command = _of_the_system(typed, marker, uid)
            yield f"{name if name == 'tkinter' else typed} comes with the OS, not from the index" + (
                f": {command}" if command else ""
            )
        elif word:
            project = _PROJECTS.get(word, word)
            command = install_command(marker, word, uid) if marker else ""
            yield f"{name} is an OS package's name; from the index it is: pip install {project}" + (
                f" (for the OS's Python: {command})" if command else ""
            )


def package_word(project: str) -> str:
    """Return what names the normalised *project* in an OS package: `yaml` for pyyaml, and for python3-yaml itself."""
    word = _word(project)
    return word or next((word for word, name in _PROJECTS.items() if name == project), project)


def _word(name: str) -> str:
    """Return what follows python3-, python3.11- or py3- in an OS package's name, "" where it is none.

    After python- only what is known: many a project is named so itself.
    """
    if name in _REAL:
        return ""
    for prefix in ("python3-", "py3-"):
        if name.startswith(prefix):
            version, dash, rest = name.removeprefix(prefix).partition("-")
            return rest if dash and version.isdecimal() else name.removeprefix(prefix)
    word = name.removeprefix("python-")
    return word if word != name and (word in _PARTS or _PROJECTS.get(word, name) != name) else ""


def _is_library(name: str) -> bool:
    return name == "build-essential" or (name.startswith("lib") and name.endswith(("-dev", "-devel")))


def _as_typed(name: str) -> str:
    """Return python3-11-venv, as PEP 503 compares it, with the version's dot."""
    prefix, _, rest = name.partition("-")
    version, dash, word = rest.partition("-")
    return f"{prefix}.{version}-{word}" if prefix == "python3" and dash and version.isdecimal() else name


def _of_the_system(package: str, marker: Marker | None, uid: int) -> str:
    """Return the command that installs the OS's *package*, where the marker tells how that is done."""
    command = install_command(marker, "", uid) if marker and not marker.package.startswith("brew") else ""
    return f"{command.rpartition(' ')[0]} {package}" if command else ""
