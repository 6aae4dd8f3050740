# SPDX-License-Identifier: BSD-2-Clause
# Verbs and options come from --help of each verb.
function __covey_help
    command -q $argv[1]; and $argv --help 2>/dev/null </dev/null
end

function __covey_verbs
    set -l usage '^(?:usage:|      ) (?:[^ ]+ ){'(count $argv)'}'
    set -l help (__covey_help $argv)
    string replace -rf -- '^  ([a-z][a-z0-9-]*)(?: .*)?  (\S.*)$' '$1\t$2' \
        $help
    string replace -rf -- $usage'([a-z][a-z0-9-]*)(?: .*)?$' '$1' $help |
        sort -u
end

function __covey_line
    set -l words (commandline -opc)
    set -l line $words[1]
    for word in $words[2..-1]
        __covey_verbs $line | string match -qr -- "^$word(\t|\$)" || break
        set line $line $word
    end
    string join \n -- $line
end

# Where a verb is to come, files are not offered beside it.
function __covey_wants_verb
    set -l line (__covey_line)
    test (count (commandline -opc)) -eq (count $line)
    and test -n "$(__covey_verbs $line)"
end

function __covey_complete
    set -l line (__covey_line)
    if string match -q -- '-*' (commandline -ct)
        __covey_help $line |
            string match -ar -- '(?<![^][ ,|(])--?[a-zA-Z][a-z0-9-]*' |
            sort -u
    else if test (count (commandline -opc)) -eq (count $line)
        __covey_verbs $line
    end
end

for program in covey covey-audit covey-ctl covey-fence covey-gm covey-proxy \
        covey-server
    complete -c $program -n __covey_wants_verb -f
    complete -c $program -a '(__covey_complete)'
end
