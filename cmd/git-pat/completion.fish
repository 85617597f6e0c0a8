# Completion of git-pat and git pat for fish.

# __git_pat_complete prints what may stand at the cursor, after the words given.
function __git_pat_complete
    set -l typed (commandline -ct | string unescape)
    set -l option (string match -r -- '^--[^=]*=' "$typed")
    set -l answer (git-pat __complete $argv "$typed" 2>/dev/null)
    if test $status -ne 0
        __fish_complete_path "$typed"
        return
    end
    for line in $answer
        printf '%s\n' "$option$line"
    end
end

function __git_pat_in_git
    set -l words (commandline -opc)
    set -l at (contains -i -- pat $words)
    and __git_pat_complete $words[(math $at + 1)..-1]
end

complete -c git-pat -f -a '(__git_pat_complete (commandline -opc)[2..-1])'
complete -c git -f -n '__fish_git_using_command pat' -a '(__git_pat_in_git)'
