# Serves firewalld's programs to the scripts of a box, as `lbgen check` has them
# (firewalld.py, beside which it is put), but each start in a process of its own:
# what one has set in a module, such as the folder of --system-config, is not for
# the next one.
#   firewalld_server.py FOLDER
import os
import sys

import firewalld


def main(folder):
    os.chdir(folder)
    firewalld.load()
    programs = {name: firewalld.program(name) for name in ("firewall-cmd", "firewall-offline-cmd")}
    for name in "call", "end":
        os.mkfifo(name, 0o600)
    call, end = (os.open(name, os.O_RDWR) for name in ("call", "end"))
    for name in programs:
        with open(name, "w", encoding="utf-8") as client:
            client.write(firewalld.CLIENT.format(folder))
        os.chmod(name, 0o700)
    open("ready", "w", encoding="utf-8").close()
    while os.read(call, 1):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = firewalld.start(programs)
            finally:
                os._exit(code)
        os.write(end, b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


main(sys.argv[1])
