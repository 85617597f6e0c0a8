# Completion of git-pat for bash, and of git pat by Git's own completion.

# __git_pat_complete completes a line that ends at the cursor. It reads the
# words of the line as the shell would, but runs nothing that stands in them.
__git_pat_complete()
{
    local rest=$1 quote= words=('') n=0 char
    while [[ -n $rest ]]; do
        char=${rest:0:1} rest=${rest:1}
        case $quote$char in
            [[:space:]]) [[ $rest == [[:space:]]* ]] || words[++n]= ;;
            \' | \") quote=$char ;;
            \'\' | \"\") quote= ;;
            \\ | \"\\) words[n]+=${rest:0:1} rest=${rest:1} ;;
            *) words[n]+=$char ;;
        esac
    done

    compopt +o nospace 2>/dev/null
    local answer
    COMPREPLY=()
    # Without an answer, bash completes the names of files.
    answer=$(git-pat __complete "${words[@]:1}" 2>/dev/null) || return 0
    compopt +o default +o bashdefault 2>/dev/null
    [[ -n $answer ]] || return 0

    # Bash replaces what follows the last of the characters at which it breaks
    # words, unless a quote is open.
    local typed=${words[n]} option= done= breaks=${COMP_WORDBREAKS//[^=:]/}
    [[ $typed == --*=* ]] && option=${typed%%=*}=
    [[ -z $quote && -n $breaks ]] && done=${typed%"${typed##*[$breaks]}"}
    local word meaning meanings=()
    while IFS=$'\t' read -r word meaning; do
        word=$option$word
        word=${word#"$done"}
        [[ -n $quote ]] || printf -v word %q "$word"
        COMPREPLY+=("$word")
        meanings+=("$meaning")
    done <<<"$answer"

    # Where bash shows a list, each word has its meaning beside it. A quoted word
    # has no spaces, so that no meaning gets into the line.
    [[ ${#COMPREPLY[@]} -gt 1 && -z $quote && $COMP_TYPE != 37 && $COMP_TYPE != 42 ]] || return 0
    local i width=0
    for word in "${COMPREPLY[@]}"; do
        ((${#word} <= width)) || width=${#word}
    done
    for i in "${!COMPREPLY[@]}"; do
        printf -v word '%-*s  (%s)' "$width" "${COMPREPLY[i]}" "${meanings[i]}"
        COMPREPLY[i]=${word:0:${COLUMNS:-80}-1}
    done
}

_git-pat()
{
    __git_pat_complete "${COMP_LINE:0:COMP_POINT}"
}

# _git_pat is called by Git's own completion, with its words of the line and
# the place of pat among them.
_git_pat()
{
    local at=${__git_cmd_idx:-1}
    __git_pat_complete "${words[*]:at:cword-at} $cur"
}

complete -o default -F _git-pat git-pat
