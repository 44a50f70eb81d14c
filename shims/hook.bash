# shellcheck shell=bash
# pipshunt hook: where a project's environment is followed, this shell enters it at the next prompt, and leaves it again.
# For bash from 3.2 on. Builtins only, and never a fork. Nothing here may depend on the options that the person has set:
# `[ = ]` and not `[[ == ]]`, because of nocasematch; no word is split, because of IFS; what may be unset says so.
_pipshunt_prefix='@PREFIX@'

# The arguments keep $_, the last line keeps $?: commands that come after us in PROMPT_COMMAND may want to show them.
_pipshunt_prompt() {
    local _ps_status=$?
    case $- in *r*) return "$_ps_status" ;; esac # a restricted shell may neither look around nor set PATH
    _pipshunt_find
    if [ "${PIPSHUNT_ENTERED-}" ]; then
        if _pipshunt_is_theirs; then
            _pipshunt_out=$_pipshunt_folder # who deactivates an environment means to be in none
            _pipshunt_leave
        elif [ "$_pipshunt_environment" != "$PIPSHUNT_ENTERED" ] || [ "${CONDA_PREFIX-}" ]; then
            _pipshunt_leave
        elif [ "${_pipshunt_shell-}" != "$$" ]; then
            _pipshunt_settle # entered by the shell that has started this one
        fi
    fi
    if [ "${PIPSHUNT_ENTERED-}" ]; then
        :
    elif [ "${VIRTUAL_ENV-}${CONDA_PREFIX-}" ]; then
        _pipshunt_out=$_pipshunt_folder
    elif [ "$_pipshunt_folder" != "${_pipshunt_out-}" ]; then
        _pipshunt_out=
        if [ "$_pipshunt_environment" ]; then _pipshunt_enter; fi
    fi
    # For what an install says at its end: whether this shell will enter what it has made.
    unset -v PIPSHUNT_HOOK
    if [ ! "${VIRTUAL_ENV-}${CONDA_PREFIX-}${_pipshunt_out-}" ]; then export PIPSHUNT_HOOK=$$; fi
    return "$_ps_status"
}

# Whether the person has done something about the environment that we entered: activated it, or another, or left it.
# What activate says and we do not is _OLD_VIRTUAL_PATH.
_pipshunt_is_theirs() {
    [ "${VIRTUAL_ENV-}" != "$PIPSHUNT_ENTERED" ] || [ "${_OLD_VIRTUAL_PATH+set}" ]
}

# Sets _pipshunt_folder to the nearest folder that is followed from here, but /, and _pipshunt_environment to what is
# followed there. src/pipshunt/follow.py writes the registrations.
_pipshunt_find() {
    local state=/var/lib/pipshunt folder
    _pipshunt_folder='' _pipshunt_environment=''
    if [ ! -O / ]; then
        case ${XDG_STATE_HOME-}:${HOME-} in
        /*:*) state=$XDG_STATE_HOME/pipshunt ;;
        *:/*) state=$HOME/.local/state/pipshunt ;;
        *) return 0 ;; # a relative folder could be a clone's
        esac
    fi
    if [ "${PIPSHUNT-}" = off ] || [ ! -d "$state/follow" ] || [ ! -e "$_pipshunt_prefix/bin/pipshunt-shim" ]; then
        return 0
    fi
    if [ "$PWD" != "${_pipshunt_logical-}" ] || [ ! . -ef "${_pipshunt_physical-}" ]; then _pipshunt_see_folder; fi
    folder=$_pipshunt_physical
    while case $folder in /?*) ;; *) false ;; esac do
        if [ -d "$state/follow$folder" ] && _pipshunt_read "$state/follow$folder"; then
            _pipshunt_folder=$folder
            return 0
        fi
        folder=${folder%/*}
    done
}

# Sets _pipshunt_physical to the working directory without symbolic links: goes there, and back to the name it had.
_pipshunt_see_folder() {
    local OLDPWD # the real one stays what it is
    _pipshunt_logical=$PWD _pipshunt_physical=${PWD%/}
    if [ . -ef "$PWD" ] && builtin cd -P . 2>/dev/null; then
        _pipshunt_physical=${PWD%/}
        builtin cd -L -- "$_pipshunt_logical" 2>/dev/null || :
    fi
}

# Sets _pipshunt_environment to the first one in folder $1 of registrations that holds. Token, environment and the folder
# of its programs must be the person's own, as shims/shim asks; -O alone would follow a link to what is theirs.
_pipshunt_read() {
    local file base environment token options=$- failglob=''
    set +f
    if shopt -q failglob; then
        failglob=yes
        shopt -u failglob
    fi
    for file in "$1"/@*; do
        base='' environment='' token=''
        if [ -f "$file" ] && [ -r "$file" ]; then
            { IFS= read -r base && IFS= read -r environment && IFS= read -r token; } <"$file"
        fi
        if [ "$base" ] && [ "$token" ] && [ -f "$environment/$token" ] && [ ! -h "$environment/$token" ] &&
            [ -O "$environment/$token" ] && [ -O "$environment" ] && [ -O "$environment/bin" ]; then
            _pipshunt_environment=$environment
            break
        fi
    done
    if [ "$failglob" ]; then shopt -s failglob; fi
    case $options in *f*) set -f ;; esac
    [ "$_pipshunt_environment" ]
}

_pipshunt_enter() {
    local name
    case $_pipshunt_environment in *:*) return 0 ;; esac # it cannot stand on PATH
    if [ ! "${PATH-}" ]; then return 0; fi
    for name in VIRTUAL_ENV VIRTUAL_ENV_PROMPT PYTHONHOME; do
        if [ "${!name+set}" ]; then export "_PIPSHUNT_$name=${!name}"; fi
        unset -v "$name"
    done
    export PIPSHUNT_ENTERED=$_pipshunt_environment VIRTUAL_ENV=$_pipshunt_environment
    _pipshunt_put_ahead
    _pipshunt_settle
}

# Makes this shell one that has entered, as far as it cannot be inherited: the name in the prompt, deactivate.
_pipshunt_settle() {
    local name=${PIPSHUNT_ENTERED##*/}
    _pipshunt_shell=$$ _pipshunt_hint='' _pipshunt_deactivate=''
    _pipshunt_drop "$PATH" "$PIPSHUNT_ENTERED/bin"
    if [ "$_pipshunt_rest" = "$PATH" ]; then _pipshunt_put_ahead; fi # a login shell has set PATH anew
    case $name in .venv | venv | .env | env) name=${PIPSHUNT_ENTERED%/*} name=${name##*/} ;; esac
    name=${name//[\\\$\`\!%[:cntrl:]]/_} # a prompt is expanded: what a folder is called must not be run
    export VIRTUAL_ENV_PROMPT=$name
    if [ ! "${VIRTUAL_ENV_DISABLE_PROMPT-}" ]; then
        _pipshunt_hint="($name) "
        case ${PS1-} in "$_pipshunt_hint"*) ;; *) PS1=$_pipshunt_hint${PS1-} ;; esac
    fi
    if ! declare -F deactivate >/dev/null; then
        _pipshunt_deactivate=yes
        # As of an environment that was activated; it holds until the folder is left.
        # shellcheck disable=SC2317  # people call it
        function deactivate { # not `deactivate()`: there may be an alias
            _pipshunt_out=$_pipshunt_folder
            _pipshunt_leave
        }
    fi
}

# PATH is our folder, the environment's, the rest: pip stays our shim. Between them, if it is there, a folder of shims
# for names that an environment has and the machine may not.
_pipshunt_put_ahead() {
    local ours=$_pipshunt_prefix/bin own=$PIPSHUNT_ENTERED/bin
    if [ -d "$_pipshunt_prefix/entered" ]; then own=$_pipshunt_prefix/entered:$own; fi
    unset -v _PIPSHUNT_AHEAD
    case $PATH in
    "$ours" | "$ours":*) PATH=$ours:$own${PATH#"$ours"} ;;
    *)
        export _PIPSHUNT_AHEAD=yes
        PATH=$ours:$own:$PATH
        ;;
    esac
}

# Takes back what we have done, and nothing of what was done since. If an activated environment is in effect, what that
# will put back when it ends goes without our part as well.
_pipshunt_leave() {
    local name kept active=''
    if _pipshunt_is_theirs && [ "${VIRTUAL_ENV-}" ]; then active=yes; fi
    for name in PATH _OLD_VIRTUAL_PATH; do
        if [ ! "${!name+set}" ]; then continue; fi
        _pipshunt_drop "${!name}" "$PIPSHUNT_ENTERED/bin"
        # An environment that is activated over our own has its folder on PATH once more.
        if [ "$name" = PATH ] && [ "$active" ] && [ "$VIRTUAL_ENV" = "$PIPSHUNT_ENTERED" ]; then
            _pipshunt_drop "$_pipshunt_rest" "$PIPSHUNT_ENTERED/bin"
            _pipshunt_rest=$PIPSHUNT_ENTERED/bin:$_pipshunt_rest
        fi
        _pipshunt_drop "$_pipshunt_rest" "$_pipshunt_prefix/entered"
        if [ "${_PIPSHUNT_AHEAD-}" ]; then _pipshunt_drop "$_pipshunt_rest" "$_pipshunt_prefix/bin"; fi
        printf -v "$name" %s "$_pipshunt_rest"
    done
    if [ "${_pipshunt_hint-}" ]; then
        for name in PS1 _OLD_VIRTUAL_PS1; do
            if [ "${!name+set}" ]; then printf -v "$name" %s "${!name/"$_pipshunt_hint"/}"; fi
        done
    fi
    for name in VIRTUAL_ENV VIRTUAL_ENV_PROMPT PYTHONHOME; do
        kept=_PIPSHUNT_$name
        if [ ! "$active" ]; then
            unset -v "$name"
            if [ "${!kept+set}" ]; then export "$name=${!kept}"; fi
        elif [ "$name" = PYTHONHOME ] && [ "${!kept+set}" ]; then
            _OLD_VIRTUAL_PYTHONHOME=${!kept}
        fi
        unset -v "$kept"
    done
    if [ "${_pipshunt_deactivate-}" ] && [ ! "$active" ]; then unset -f deactivate; fi
    unset -v PIPSHUNT_ENTERED _PIPSHUNT_AHEAD _pipshunt_hint _pipshunt_deactivate _pipshunt_shell
    hash -r 2>/dev/null || :
}

# Sets _pipshunt_rest to the PATH $1 without the first folder $2 in it.
_pipshunt_drop() {
    local rest=$1: before=
    while [ "$rest" ] && [ "${rest%%:*}" != "$2" ]; do before=$before${rest%%:*}: rest=${rest#*:}; done
    _pipshunt_rest=$1
    if [ "$rest" ]; then
        _pipshunt_rest=$before${rest#*:}
        _pipshunt_rest=${_pipshunt_rest%:}
    fi
}

# In an array we are no first element: `PROMPT_COMMAND=…`, later in somebody's .bashrc, sets that one alone.
_pipshunt_hook_in() {
    # shellcheck disable=SC2016  # for the prompt to expand
    local call='_pipshunt_prompt "$_" && : "$_"' # fails and yet ends no shell that has set -e
    case ${PROMPT_COMMAND[*]-} in *_pipshunt_prompt*) return 0 ;; esac
    # shellcheck disable=SC2030  # on purpose
    if ! (PROMPT_COMMAND=) 2>/dev/null; then return 0; fi # read-only: this one fork tells
    if [ "${BASH_VERSINFO[0]}${BASH_VERSINFO[1]}" -lt 51 ]; then
        # shellcheck disable=SC2031
        PROMPT_COMMAND=$call${PROMPT_COMMAND:+$'\n'$PROMPT_COMMAND}
        return 0
    fi
    if [ ! "${PROMPT_COMMAND+set}" ]; then PROMPT_COMMAND=; fi
    PROMPT_COMMAND+=("$call")
}
_pipshunt_hook_in
