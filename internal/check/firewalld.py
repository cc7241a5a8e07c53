# Runs a command for which firewalld's programs start at once.
#   firewalld.py FOLDER COMMAND...
# They are Python programs, each start of one reads the same modules for a
# quarter of a second, and firewalld.sh starts one for every line of its table.
# Here the modules are read once, and each start runs the program's own text in
# this one process, from its first line. FOLDER comes first on the command's PATH.
import gc
import importlib
import os
import shutil
import subprocess
import sys
import traceback

MODULES = "gi.repository.GObject", "firewall.client", "firewall.command", "firewall.core.fw"
IO = "functions", "helper", "icmptype", "ipset", "policy", "service", "zone"

# A start: leave the arguments, wait for the end, say what was said. One at a
# time, as firewalld.sh has them; and nothing but the shell's own commands where
# nothing was said.
CLIENT = """#!/bin/sh
cd "{0}" || exit
printf '%s\\000' "$(umask)" "${{0##*/}}" "$@" >args
echo >call
read -r code <end
[ ! -s out ] || cat out
[ ! -s err ] || cat err >&2
exit "$code"
"""


def load():
    for name in MODULES + tuple("firewall.core.io." + part for part in IO):
        try:
            importlib.import_module(name)
        except ImportError:
            pass  # of another version: the program imports what it needs


def program(name):
    path = shutil.which(name)
    with open(path, encoding="utf-8") as text:
        return compile(text.read(), path, "exec")


def start(programs):
    with open("args", encoding="utf-8") as args:
        umask, name, *rest = args.read().split("\0")[:-1]
    for fd, out in (1, "out"), (2, "err"):
        now = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(now, fd)
        os.close(now)
    before = os.umask(int(umask, 8))
    sys.argv = [name] + rest
    try:
        exec(programs[name], {"__name__": "__main__", "__file__": name})
        return 0
    except SystemExit as end:
        return end.code or 0
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        os.umask(before)
        sys.stdout.flush()
        sys.stderr.flush()


def serve(folder, programs):
    os.chdir(folder)
    # Both for both directions, and for good: no end of file between two calls. A
    # client that is quick would read the one of the call before as its own.
    call, end = (os.open(name, os.O_RDWR) for name in ("call", "end"))
    while os.read(call, 1):
        os.write(end, b"%d\n" % start(programs))


def main(folder, *command):
    names = [name for name in ("firewall-cmd", "firewall-offline-cmd") if shutil.which(name)]
    load()
    programs = {name: program(name) for name in names}
    for name in "call", "end":
        os.mkfifo(folder + "/" + name, 0o600)
    for name in names:
        with open(folder + "/" + name, "w", encoding="utf-8") as client:
            client.write(CLIENT.format(folder))
        os.chmod(folder + "/" + name, 0o700)
    server = os.fork()
    if server == 0:
        gc.disable()  # it does not live long
        serve(folder, programs)
    os.environ["PATH"] = folder + ":" + os.environ["PATH"]
    code = subprocess.call(command)
    os.kill(server, 9)
    os.waitpid(server, 0)
    sys.exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main(*sys.argv[1:])
