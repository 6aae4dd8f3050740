# SPDX-License-Identifier: BSD-2-Clause
# Completion of covey: every verb tells its own verbs and options with --help,
# so there is no second list of them here.
_covey_help()
{
    "$@" --help </dev/null 2>/dev/null
}

# Verbs: indented by two, or what follows the verbs so far in a usage.
_covey_verbs()
{
    _covey_help "$@" | sed -nE "s/^  ([a-z][a-z0-9-]*) .*/\1/p
        s/^(usage:|      ) ([^ ]+ ){$#}([a-z][a-z0-9-]*)( .*)?$/\3/p" | sort -u
}

_covey_options()
{
    _covey_help "$@" | grep -oE -- '(^|[][ ,|(])--?[a-zA-Z][a-z0-9-]*' |
        tr -d '][ ,|(' | sort -u
}

_covey()
{
    local cur=${COMP_WORDS[COMP_CWORD]} verb word
    local -a line=("${COMP_WORDS[0]}")

    COMPREPLY=()
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        verb=$(_covey_verbs "${line[@]}" | grep -Fx -- "$word") || break
        line+=("$verb")
    done
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_covey_options "${line[@]}")" \
            -- "$cur")
    elif ((COMP_CWORD == ${#line[@]})); then
        mapfile -t COMPREPLY < <(compgen -W "$(_covey_verbs "${line[@]}")" \
            -- "$cur")
    fi
}
complete -o default -o bashdefault -F _covey covey covey-audit covey-ctl \
    covey-fence covey-gm covey-proxy covey-server
