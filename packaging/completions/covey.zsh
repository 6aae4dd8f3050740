#compdef covey covey-audit covey-ctl covey-fence covey-gm covey-proxy covey-server
# SPDX-License-Identifier: BSD-2-Clause
# Verbs and options come from --help of each verb.
local -a line verbs
local word
_covey_verbs()
{
    "$@" --help 2>/dev/null </dev/null |
        sed -nE "s/^  ([a-z][a-z0-9-]*) .*/\1/p
            s/^(usage:|      ) ([^ ]+ ){$#}([a-z][a-z0-9-]*)( .*)?\$/\3/p"
}
line=($words[1])
for word in $words[2,CURRENT-1]; do
    verbs=(${(f)"$(_covey_verbs $line)"})
    (( ${verbs[(Ie)$word]} )) || break
    line+=$word
done
if [[ $words[CURRENT] == -* ]]; then
    compadd -- ${(u)${(f)"$($line --help 2>/dev/null </dev/null |
        grep -oE -- '(^|[][ ,|(])--?[a-zA-Z][a-z0-9-]*' | tr -d '][ ,|(')"}}
elif (( CURRENT == $#line + 1 )); then
    compadd -- ${(u)${(f)"$(_covey_verbs $line)"}} || _files
else
    _files
fi
