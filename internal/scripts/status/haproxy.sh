
# --- HAProxy's socket ---------------------------------------------------------

# find_asker sets asker to a program that can talk to a socket; lbgen's platforms
# have at least Python or Perl.
find_asker() {
	asker=
	for program in socat python3 /usr/libexec/platform-python perl; do
		! has "$program" || { asker=$program && return 0; }
	done
}

# ask_haproxy COMMAND prints HAProxy's answer.
ask_haproxy() {
	# shellcheck disable=SC2016 # the variables are Perl's
	case $asker in
	socat) printf '%s\n' "$1" | timeout 10 socat -t 10 - "UNIX-CONNECT:$socket" ;;
	perl) timeout 10 perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) && connect(S, pack_sockaddr_un($ARGV[0])) or die "$!\n";
		syswrite(S, "$ARGV[1]\n"); print while <S>' "$socket" "$1" ;;
	*) timeout 10 "$asker" -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(sys.argv[2].encode() + b"\n")
out = sys.stdout.buffer
for part in iter(lambda: s.recv(65536), b""):
    out.write(part)' "$socket" "$1" ;;
	esac 2>/dev/null
}

tell_haproxy() {
	find_asker
	if [ ! -S "$socket" ]; then
		row socket absent
		socket=
	elif [ -z "$asker" ]; then
		row socket unasked
		socket=
	else
		row socket "$asker"
		ask_haproxy 'show info' | rows info
		row now "$(date +%s)" # since when it runs is counted from here
		ask_haproxy 'show stat' | rows stat
	fi
}
