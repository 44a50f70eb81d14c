#!/bin/sh
# Sets pipshunt up from this checkout, then runs COMMAND (if given) through the new shims:
#
#     ./install.sh [--system [--sudoers]] [COMMAND…]        for example: ./install.sh pip install cowsay
#
# An ordinary user's goes to ${XDG_DATA_HOME:-~/.local/share}/pipshunt, root's to /opt/pipshunt: --system insists on the
# latter. A rerun is harmless. `./install.sh --uninstall` is `pipshunt uninstall` where that does not run any more.
# Everything is in functions, so that a half downloaded file does nothing.
set -u

fail() {
    printf 'pipshunt: %s\n' "$1" >&2
    exit 1
}

# Runs in the interpreter that is tried, so it must parse in old ones: the real interpreter behind it (a virtual
# environment need not have pip, nor stay), its version, and whether it has pip.
# shellcheck disable=SC2016  # Python, not sh
probe='
import os, sys
print("%d.%d" % sys.version_info[:2])
print(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable))
'
has_pip='
import importlib.util, sys
sys.exit(importlib.util.find_spec("pip") is None)
'

# Sets python to an interpreter that will do, or else too_old or without_pip to what came nearest. PIPSHUNT=off makes a shim
# of ours stand aside.
find_python() {
    python='' too_old='' without_pip=''
    for name in python3 python3.15 python3.14 python3.13 python3.12 python3.11 python; do
        command -v "$name" >/dev/null 2>&1 || continue
        answer=$(PIPSHUNT=off "$name" -I -S -c "$probe" 2>/dev/null) || continue
        version=${answer%%"$newline"*} found=${answer#*"$newline"}
        case $version in
        3.[0-9] | 3.10 | [012].*) too_old=${too_old:-"$found is $version"} ;;
        *)
            if "$found" -I -c "$has_pip" 2>/dev/null; then
                python=$found
                return 0
            fi
            without_pip=${without_pip:-"$found"}
            ;;
        esac
    done
    return 1
}

# Prints the command with which this operating system installs Python and pip.
name_remedy() {
    if [ "$(uname -s)" = Darwin ]; then
        echo 'brew install python'
        return
    fi
    ID='' ID_LIKE=''
    for release in /etc/os-release /usr/lib/os-release; do
        if [ -r "$release" ]; then
            # shellcheck disable=SC1090  # os-release(5) is made to be read by a shell
            . "$release"
            break
        fi
    done
    sudo=''
    if [ "$(id -u)" != 0 ]; then sudo='sudo '; fi
    for system in $ID $ID_LIKE; do
        case $system in
        debian | ubuntu) echo "${sudo}apt install python3 python3-pip" && return ;;
        alpine) echo "${sudo}apk add python3 py3-pip" && return ;;
        arch) echo "${sudo}pacman -S python python-pip" && return ;;
        fedora | rhel | centos) echo "${sudo}dnf install python3 python3-pip" && return ;;
        opensuse* | suse | sles) echo "${sudo}zypper install python3 python3-pip" && return ;;
        void) echo "${sudo}xbps-install python3 python3-pip" && return ;;
        gentoo) echo "${sudo}emerge dev-lang/python dev-python/pip" && return ;;
        esac
    done
    echo 'your package manager, or https://www.python.org/downloads/'
}

usage='./install.sh [--system [--sudoers]] [COMMAND…], or ./install.sh --uninstall [--all] [--dry-run] [--json]'

show_usage() {
    echo "usage: $usage"
    echo 'Sets pipshunt up, then runs COMMAND through its shims.'
    echo '  --system     for the whole machine, in /opt/pipshunt; only root can, and gets that without it, too'
    echo "  --sudoers    where sudo's secure_path hides the shims, lead it to them by /etc/sudoers.d/pipshunt"
    echo '  --uninstall  take it away again; --all: the environments and the log too; --dry-run: only say what would go'
}

main() {
    newline='
'
    machine='' sudoers='' uninstall=''
    while :; do
        case ${1-} in
        -h | --help)
            show_usage
            return
            ;;
        --system) machine=$1 ;;
        --sudoers) sudoers=$1 ;;
        --uninstall)
            uninstall=$1
            shift
            break
            ;;
        --)
            shift
            break
            ;;
        -*)
            printf 'pipshunt: install.sh has no option %s; usage: %s\n' "$1" "$usage" >&2
            exit 2
            ;;
        *) break ;;
        esac
        shift
    done
    if [ "$sudoers" ] && [ ! "$machine" ]; then
        printf 'pipshunt: --sudoers goes with --system; usage: %s\n' "$usage" >&2
        exit 2
    fi
    if [ "$machine" ] && [ "$(id -u)" != 0 ]; then
        fail "--system sets pipshunt up for the whole machine, which is root's to do; next: sudo $0 $machine${sudoers:+ $sudoers}"
    fi
    case $0 in */*) checkout=${0%/*} ;; *) checkout=. ;; esac
    checkout=$(CDPATH='' cd -P -- "$checkout" 2>/dev/null && pwd -P)
    if [ ! -f "$checkout/src/pipshunt/setup/installation.py" ]; then
        fail 'install.sh must be run from a checkout of pipshunt: git clone it, then ./install.sh'
    fi
    if ! find_python; then
        if [ "$uninstall" ] && [ "$without_pip" ]; then
            python=$without_pip
        elif [ "$without_pip" ]; then
            fail "$without_pip has no pip; install it with: $(name_remedy)"
        elif [ "$too_old" ]; then
            fail "Python 3.11 or newer is needed, and $too_old; install a newer one beside it, with pip (python3.11 to python3.15 are found too)"
        else
            fail "Python 3.11 or newer with pip is needed, and there is none on PATH; install it with: $(name_remedy)"
        fi
    fi
    if [ "$uninstall" ]; then
        # shellcheck disable=SC2016  # Python, not sh
        exec "$python" -I -S -B -c 'import sys; sys.path.insert(0, sys.argv[1]); from pipshunt.setup.uninstallation import main; sys.exit(main(sys.argv[2:]))' \
            "$checkout/src" "$@"
    fi
    # What is laid where is Python's business. It prints the folder of the shims; -B leaves no files in the checkout.
    # shellcheck disable=SC2016  # Python, not sh
    shims=$("$python" -I -S -B -c 'import sys; sys.path.insert(0, sys.argv[1]); from pipshunt.setup.installation import main; sys.exit(main())' \
        "$checkout/src" ${sudoers:+"$sudoers"}) || exit
    if [ $# -eq 0 ]; then return; fi
    case ${PATH-} in
    "$shims" | "$shims":*) ;;
    *) PATH=$shims${PATH:+:$PATH} ;;
    esac
    export PATH
    exec "$@"
}

main "$@"
