# SPDX-License-Identifier: BSD-2-Clause
# Verbs and options come from --help of each verb.
function __covey_line
    set -l words (commandline -opc)
    set -l line $words[1]
    for word in $words[2..-1]
        $line --help 2>/dev/null </dev/null |
            string match -qr -- "^  $word " || break
        set line $line $word
    end
    string join \n -- $line
end

function __covey_complete
    set -l line (__covey_line)
    set -l help ($line --help 2>/dev/null </dev/null)
    if string match -q -- '-*' (commandline -ct)
        string match -ar -- '--[a-z][a-z0-9-]*' $help | sort -u
    else if test (count (commandline -opc)) -eq (count $line)
        string replace -rf -- '^  ([a-z][a-z0-9-]*) +(.*)$' '$1\t$2' $help
    end
end
for program in covey covey-audit covey-ctl covey-fence covey-gm covey-proxy \
        covey-server
    complete -c $program -a '(__covey_complete)'
end
