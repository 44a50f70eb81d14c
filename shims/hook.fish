# pipshunt hook: where a project's environment is followed, this shell enters it at the next prompt, and leaves it again.
# Builtins only, and never a fork. The same as hook.bash, where the why is said.
set -g _pipshunt_prefix '@PREFIX@'

function _pipshunt_prompt --on-event fish_prompt --on-variable PWD
    _pipshunt_find
    if test -n "$PIPSHUNT_ENTERED"
        if _pipshunt_is_theirs
            set -g _pipshunt_out $_pipshunt_folder # who deactivates an environment means to be in none
            _pipshunt_leave
        else if test "$_pipshunt_environment" != "$PIPSHUNT_ENTERED" -o -n "$CONDA_PREFIX"
            _pipshunt_leave
        else if test "$_pipshunt_shell" != $fish_pid
            _pipshunt_settle # entered by the shell that has started this one
        end
    end
    if test -n "$PIPSHUNT_ENTERED"
    else if test -n "$VIRTUAL_ENV$CONDA_PREFIX"
        set -g _pipshunt_out $_pipshunt_folder
    else if test "$_pipshunt_folder" != "$_pipshunt_out"
        set -g _pipshunt_out
        test -n "$_pipshunt_environment"; and _pipshunt_enter
    end
    set -e PIPSHUNT_HOOK # for what an install says at its end
    test -n "$VIRTUAL_ENV$CONDA_PREFIX$_pipshunt_out"; or set -gx PIPSHUNT_HOOK $fish_pid
end

# Whether the person has activated an environment since, or left the one that we entered.
function _pipshunt_is_theirs
    test "$VIRTUAL_ENV" != "$PIPSHUNT_ENTERED"; or set -q _OLD_VIRTUAL_PATH
end

# Sets _pipshunt_folder to where the nearest folder that is followed from here, but /, has its registration, and _pipshunt_environment to what is
# followed there. src/pipshunt/follow.py writes the registrations.
function _pipshunt_find
    set -l state /var/lib/pipshunt
    set -g _pipshunt_folder ''
    set -g _pipshunt_environment ''
    if not test -O /
        if string match -q '/*' -- "$XDG_STATE_HOME"
            set state "$XDG_STATE_HOME/pipshunt"
        else if string match -q '/*' -- "$HOME"
            set state "$HOME/.local/state/pipshunt"
        else
            return 0 # a relative folder could be a clone's
        end
    end
    if test "$PIPSHUNT" = off -o ! -d "$state/follow" -o ! -e "$_pipshunt_prefix/bin/pipshunt-shim"
        return 0
    end
    # Down as far as there are registrations below, and up again to the nearest. No followed folder has a newline in it.
    set -l places "$state/follow"
    for name in (string split -n / -- (pwd -P 2>/dev/null))
        test -d "$places[-1]/$name"; or break
        set -a places "$places[-1]/$name"
    end
    for place in $places[-1..2]
        if _pipshunt_read $place
            set _pipshunt_folder $place
            return 0
        end
    end
end

# Sets _pipshunt_environment to the first one in a folder of registrations that holds. Token, environment and the folder
# of its programs must be the person's own, as shims/shim asks; -O alone would follow a link to what is theirs.
function _pipshunt_read -a folder
    set -l files $folder/@*
    for file in $files
        test -f "$file" -a -r "$file"; or continue
        set -l lines (string split \n <$file) # base interpreter, environment, token; `read` garbles what is not UTF-8
        set -l token "$lines[2]/$lines[3]"
        if test -n "$lines[1]" -a -n "$lines[3]" -a -f "$token" -a ! -L "$token"
            and test -O "$token" -a -O "$lines[2]" -a -O "$lines[2]/bin"
            set _pipshunt_environment $lines[2]
            return 0
        end
    end
    return 1
end

function _pipshunt_enter
    string match -q '*:*' -- $_pipshunt_environment; and return 0 # it cannot stand on PATH
    set -q PATH[1]; or return 0
    for name in VIRTUAL_ENV VIRTUAL_ENV_PROMPT PYTHONHOME
        if set -q $name
            set -gx _PIPSHUNT_$name $$name
            set -e $name
        end
    end
    set -gx PIPSHUNT_ENTERED $_pipshunt_environment
    set -gx VIRTUAL_ENV $_pipshunt_environment
    _pipshunt_put_ahead
    _pipshunt_settle
end

# Makes this shell one that has entered, as far as it cannot be inherited: the name in the prompt, deactivate.
function _pipshunt_settle
    set -g _pipshunt_shell $fish_pid
    contains -- $PIPSHUNT_ENTERED/bin $PATH; or _pipshunt_put_ahead # somebody has set PATH anew
    set -l parts (string split / -- $PIPSHUNT_ENTERED)
    set -l name $parts[-1]
    contains -- $name .venv venv .env env; and set name $parts[-2]
    set -gx VIRTUAL_ENV_PROMPT (string replace -ar '[[:cntrl:]\x{80}-\x{9f}\\\\$`!%]' _ -- $name | string collect)
    if test -z "$VIRTUAL_ENV_DISABLE_PROMPT"
        set -g _pipshunt_hint "($VIRTUAL_ENV_PROMPT) "
        _pipshunt_wrap_prompt
    end
    if not functions -q deactivate
        set -g _pipshunt_deactivate yes
        # As of an environment that was activated; it holds until the folder is left.
        function deactivate
            set -g _pipshunt_out $_pipshunt_folder
            _pipshunt_leave
        end
    end
end

# Has fish_prompt say the hint first, as activate.fish does. An activated environment may have wrapped it once more.
function _pipshunt_wrap_prompt
    functions -q _pipshunt_inner_prompt; and return
    functions -q fish_prompt; or return
    functions -c fish_prompt _pipshunt_inner_prompt
    function fish_prompt
        set -l before $status
        set -q _pipshunt_hint; and printf '%s%s' "$_pipshunt_hint" (set_color normal)
        _pipshunt_set_status $before
        _pipshunt_inner_prompt
    end
end

function _pipshunt_set_status -a before
    return $before
end

function _pipshunt_unwrap_prompt
    functions -q _pipshunt_inner_prompt; or return
    if functions fish_prompt | string match -q '*_pipshunt_inner_prompt*'
        functions -e fish_prompt
        functions -c _pipshunt_inner_prompt fish_prompt
    else if functions -q _old_fish_prompt; and functions _old_fish_prompt | string match -q '*_pipshunt_inner_prompt*'
        return # it is what an activated environment will put back
    end
    functions -e _pipshunt_inner_prompt
end

# PATH is our folder, the environment's, the rest: pip stays our shim. Between them, if it is there, a folder of shims
# for names that an environment has and the machine may not.
function _pipshunt_put_ahead
    set -e _PIPSHUNT_AHEAD
    set -l ours $_pipshunt_prefix/bin
    set -l own $PIPSHUNT_ENTERED/bin
    test -d "$_pipshunt_prefix/entered"; and set -p own $_pipshunt_prefix/entered
    if test "$PATH[1]" = $ours
        set -gx PATH $ours $own $PATH[2..-1]
    else
        set -gx _PIPSHUNT_AHEAD yes
        set -gx PATH $ours $own $PATH
    end
end

# Takes back what we have done, and nothing of what was done since. If an activated environment is in effect, what that
# will put back when it ends goes without our part as well.
function _pipshunt_leave
    set -l active
    _pipshunt_is_theirs; and test -n "$VIRTUAL_ENV"; and set active yes
    for name in PATH _OLD_VIRTUAL_PATH
        set -q $name; or continue
        _pipshunt_drop $name $PIPSHUNT_ENTERED/bin
        # An environment that is activated over our own has its folder on PATH once more.
        if test $name = PATH -a -n "$active" -a "$VIRTUAL_ENV" = "$PIPSHUNT_ENTERED"
            _pipshunt_drop $name $PIPSHUNT_ENTERED/bin
            set PATH $PIPSHUNT_ENTERED/bin $PATH
        end
        _pipshunt_drop $name $_pipshunt_prefix/entered
        set -q _PIPSHUNT_AHEAD; and _pipshunt_drop $name $_pipshunt_prefix/bin
    end
    set -e _pipshunt_hint
    _pipshunt_unwrap_prompt
    for name in VIRTUAL_ENV VIRTUAL_ENV_PROMPT PYTHONHOME
        set -l kept _PIPSHUNT_$name
        if test -z "$active"
            set -e $name
            set -q $kept; and set -gx $name $$kept
        else if test $name = PYTHONHOME; and set -q $kept
            set -gx _OLD_VIRTUAL_PYTHONHOME $$kept
        end
        set -e $kept
    end
    if set -q _pipshunt_deactivate; and test -z "$active"
        functions -e deactivate
    end
    set -e PIPSHUNT_ENTERED
    set -e _PIPSHUNT_AHEAD
    set -e _pipshunt_deactivate
    set -e _pipshunt_shell
    return 0
end

# Takes the first entry that is the folder out of the list named.
function _pipshunt_drop -a name folder
    set -l at (contains -i -- $folder $$name); and set -e $name"[$at]"
end
