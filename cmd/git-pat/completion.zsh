#compdef git-pat
compdef _git-pat git-pat

# Completion of git-pat for zsh. Zsh's completion of git calls it for git pat,
# with pat as the first word.
_git-pat()
{
    local answer line
    local -a candidates
    # Without an answer, the names of files are completed.
    if ! answer=$(git-pat __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null); then
        _files
        return
    fi
    [[ $PREFIX == --*=* ]] && compset -P 1 '--*='
    for line in ${(f)answer}; do
        # A colon ends the word for _describe.
        candidates+=("${${${line%%$'\t'*}//\\/\\\\}//:/\\:}:${line#*$'\t'}")
    done
    _describe 'git pat' candidates
}

# Where zsh loads this file as a function, it is to complete at once.
[[ $funcstack[1] != _git-pat ]] || _git-pat "$@"
