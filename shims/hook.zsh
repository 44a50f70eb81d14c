# pipshunt hook: where a project's environment is followed, this shell enters it at the next prompt, and leaves it again.
# Builtins only, and never a fork. Each function that is called from outside begins with `emulate`: the options that the
# person has set are none of ours. The same as hook.bash, where the why is said.
typeset -g _pipshunt_prefix='@PREFIX@'

_pipshunt_prompt() {
    emulate -LR zsh
    _pipshunt_find
    if [[ -n ${PIPSHUNT_ENTERED-} ]]; then
        if _pipshunt_is_theirs; then
            typeset -g _pipshunt_out=$_pipshunt_folder # who deactivates an environment means to be in none
            _pipshunt_leave
        elif [[ $_pipshunt_environment != "$PIPSHUNT_ENTERED" || -n ${CONDA_PREFIX-} ]]; then
            _pipshunt_leave
        elif [[ ${_pipshunt_shell-} != $$ ]]; then
            _pipshunt_settle # entered by the shell that has started this one
        fi
    fi
    if [[ -n ${PIPSHUNT_ENTERED-} ]]; then
        :
    elif [[ -n ${VIRTUAL_ENV-}${CONDA_PREFIX-} ]]; then
        typeset -g _pipshunt_out=$_pipshunt_folder
    elif [[ $_pipshunt_folder != "${_pipshunt_out-}" ]]; then
        typeset -g _pipshunt_out=
        if [[ -n $_pipshunt_environment ]]; then _pipshunt_enter; fi
    fi
    unset PIPSHUNT_HOOK # for what an install says at its end
    if [[ -z ${VIRTUAL_ENV-}${CONDA_PREFIX-}${_pipshunt_out-} ]]; then export PIPSHUNT_HOOK=$$; fi
    return 0
}

# Whether the person has activated an environment since, or left the one that we entered.
_pipshunt_is_theirs() {
    [[ ${VIRTUAL_ENV-} != "$PIPSHUNT_ENTERED" || -n ${_OLD_VIRTUAL_PATH+set} ]]
}

# Sets _pipshunt_folder to the nearest folder that is followed from here, but /, and _pipshunt_environment to what is
# followed there. src/pipshunt/follow.py writes the registrations.
_pipshunt_find() {
    local state=/var/lib/pipshunt folder=${PWD:A}
    typeset -g _pipshunt_folder= _pipshunt_environment=
    if [[ ! -O / ]]; then
        case ${XDG_STATE_HOME-}:${HOME-} in
        /*:*) state=$XDG_STATE_HOME/pipshunt ;;
        *:/*) state=$HOME/.local/state/pipshunt ;;
        *) return 0 ;; # a relative folder could be a clone's
        esac
    fi
    if [[ ${PIPSHUNT-} = off || ! -d $state/follow || ! -e $_pipshunt_prefix/bin/pipshunt-shim ]]; then
        return 0
    fi
    while [[ $folder = /?* ]]; do
        if [[ -d $state/follow$folder ]] && _pipshunt_read $state/follow$folder; then
            _pipshunt_folder=$folder
            return 0
        fi
        folder=${folder%/*}
    done
}

# Sets _pipshunt_environment to the first one in folder $1 of registrations that holds. Token, environment and the folder
# of its programs must be the person's own, as shims/shim asks; -O alone would follow a link to what is theirs.
_pipshunt_read() {
    local file base environment token
    for file in $1/@*(N); do
        base= environment= token=
        if [[ -f $file && -r $file ]]; then
            { IFS= read -r base && IFS= read -r environment && IFS= read -r token } <$file
        fi
        if [[ -n $base && -n $token && -f $environment/$token && ! -h $environment/$token ]] &&
            [[ -O $environment/$token && -O $environment && -O $environment/bin ]]; then
            _pipshunt_environment=$environment
            return 0
        fi
    done
    return 1
}

_pipshunt_enter() {
    local name value
    if [[ $_pipshunt_environment = *:* || -z ${PATH-} ]]; then return 0; fi # it cannot stand on PATH
    for name in VIRTUAL_ENV VIRTUAL_ENV_PROMPT PYTHONHOME; do
        if eval "[[ -n \${$name+set} ]]"; then export _PIPSHUNT_$name=${(P)name}; fi
        unset $name
    done
    export PIPSHUNT_ENTERED=$_pipshunt_environment VIRTUAL_ENV=$_pipshunt_environment
    _pipshunt_put_ahead
    _pipshunt_settle
}

# Makes this shell one that has entered, as far as it cannot be inherited: the name in the prompt, deactivate.
_pipshunt_settle() {
    local name=${PIPSHUNT_ENTERED##*/}
    typeset -g _pipshunt_shell=$$ _pipshunt_hint= _pipshunt_deactivate=
    _pipshunt_drop "$PATH" $PIPSHUNT_ENTERED/bin
    if [[ $_pipshunt_rest = "$PATH" ]]; then _pipshunt_put_ahead; fi # a login shell has set PATH anew
    case $name in .venv | venv | .env | env) name=${PIPSHUNT_ENTERED%/*} name=${name##*/} ;; esac
    name=${name//[\\\$\`\!%[:cntrl:]]/_} # a prompt is expanded: what a folder is called must not be run
    export VIRTUAL_ENV_PROMPT=$name
    if [[ -z ${VIRTUAL_ENV_DISABLE_PROMPT-} ]]; then
        _pipshunt_hint="($name) "
        if [[ ${PS1-} != "$_pipshunt_hint"* ]]; then PS1=$_pipshunt_hint${PS1-}; fi
    fi
    if ! typeset -f deactivate >/dev/null; then
        _pipshunt_deactivate=yes
        # As of an environment that was activated; it holds until the folder is left.
        function deactivate {
            emulate -LR zsh
            typeset -g _pipshunt_out=$_pipshunt_folder
            _pipshunt_leave
        }
    fi
}

# PATH is our folder, the environment's, the rest: pip stays our shim. Between them, if it is there, a folder of shims
# for names that an environment has and the machine may not.
_pipshunt_put_ahead() {
    local ours=$_pipshunt_prefix/bin own=$PIPSHUNT_ENTERED/bin
    if [[ -d $_pipshunt_prefix/entered ]]; then own=$_pipshunt_prefix/entered:$own; fi
    unset _PIPSHUNT_AHEAD
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
    local name kept active=
    if _pipshunt_is_theirs && [[ -n ${VIRTUAL_ENV-} ]]; then active=yes; fi
    for name in PATH _OLD_VIRTUAL_PATH; do
        if eval "[[ -z \${$name+set} ]]"; then continue; fi
        _pipshunt_drop "${(P)name}" $PIPSHUNT_ENTERED/bin
        # An environment that is activated over our own has its folder on PATH once more.
        if [[ $name = PATH && -n $active && $VIRTUAL_ENV = "$PIPSHUNT_ENTERED" ]]; then
            _pipshunt_drop "$_pipshunt_rest" $PIPSHUNT_ENTERED/bin
            _pipshunt_rest=$PIPSHUNT_ENTERED/bin:$_pipshunt_rest
        fi
        _pipshunt_drop "$_pipshunt_rest" $_pipshunt_prefix/entered
        if [[ -n ${_PIPSHUNT_AHEAD-} ]]; then _pipshunt_drop "$_pipshunt_rest" $_pipshunt_prefix/bin; fi
        eval "$name=\$_pipshunt_rest"
    done
    if [[ -n ${_pipshunt_hint-} ]]; then
        for name in PS1 _OLD_VIRTUAL_PS1; do
            if eval "[[ -n \${$name+set} ]]"; then eval "$name=\${$name/\"\$_pipshunt_hint\"/}"; fi
        done
    fi
    for name in VIRTUAL_ENV VIRTUAL_ENV_PROMPT PYTHONHOME; do
        kept=_PIPSHUNT_$name
        if [[ -z $active ]]; then
            unset $name
            if eval "[[ -n \${$kept+set} ]]"; then export $name=${(P)kept}; fi
        elif [[ $name = PYTHONHOME ]] && eval "[[ -n \${$kept+set} ]]"; then
            typeset -g _OLD_VIRTUAL_PYTHONHOME=${(P)kept}
        fi
        unset $kept
    done
    if [[ -n ${_pipshunt_deactivate-} && -z $active ]]; then unfunction deactivate 2>/dev/null; fi
    unset PIPSHUNT_ENTERED _PIPSHUNT_AHEAD _pipshunt_hint _pipshunt_deactivate _pipshunt_shell
    return 0
}

# Sets _pipshunt_rest to the PATH $1 without the first folder $2 in it.
_pipshunt_drop() {
    local rest=$1: before=
    while [[ -n $rest && ${rest%%:*} != "$2" ]]; do before=$before${rest%%:*}: rest=${rest#*:}; done
    typeset -g _pipshunt_rest=$1
    if [[ -n $rest ]]; then
        _pipshunt_rest=$before${rest#*:}
        _pipshunt_rest=${_pipshunt_rest%:}
    fi
}

# At each prompt, for an install may have made the folder a followed one; and at `cd`, for `cd shop && pytest`.
() {
    emulate -LR zsh
    typeset -ga precmd_functions chpwd_functions
    precmd_functions=(${precmd_functions:#_pipshunt_prompt} _pipshunt_prompt)
    chpwd_functions=(${chpwd_functions:#_pipshunt_prompt} _pipshunt_prompt)
}
