# The commands of the demo, see main.go. It runs in an empty home.
set -eu

run() {
	printf '$ %s\n' "$1"
	eval "$1" || return
	echo
}

echo 'A server on this machine stands in for github.com. It has a private repository
of each of three owners, and you have a fine-grained token for each owner.
'
run 'git pat setup'
run 'git pat add acme --with-token <acme.token'
run 'git pat add globex --with-token <globex.token'
run 'git pat add initech --with-token <initech.token'
run 'git clone https://github.com/acme/widgets.git'
run 'git clone https://github.com/globex/reactor.git'
run 'git clone https://github.com/initech/tps.git'
run 'git -C reactor commit --quiet --allow-empty --message hello'
run 'git -C reactor push origin HEAD'

echo 'Tokens do not work over SSH. Git does not ask a helper for an SSH remote. A program
that does ask gets a hint:
'
if run 'echo url=ssh://git@github.com/acme/widgets.git | git credential fill'; then
	echo 'demo: the SSH remote was not rejected' >&2
	exit 1
fi
echo
run 'git pat list'

pushed=$(git ls-remote https://github.com/globex/reactor.git HEAD | cut -f 1)
[ "$pushed" = "$(git -C reactor rev-parse HEAD)" ] || {
	echo 'demo: the push did not arrive' >&2
	exit 1
}
