#!/bin/sh
# What lbgen status asks of a node. It only reads, writes no file, and needs no more
# than install.sh does; where something else would help and is not there, it says so. sh
# reads it from its standard input. Behind it stands a table of what is to be looked at,
# which is data and never run. Each line that it prints is a key and its words;
# those that begin with a blank are the content of what the line above them names.
set -u
LC_ALL=C
export LC_ALL
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin

# row WORD... prints one line.
row() { printf '%s\n' "$*"; }

has() { command -v "$1" >/dev/null 2>&1; }

# rows KEY puts the key before each line of its input.
rows() { sed "s/^/$1 /"; }

# content FILE prints what is in a file, up to a mebibyte.
content() { head -c 1048576 "$1" | base64 | sed 's/^/ /'; }
