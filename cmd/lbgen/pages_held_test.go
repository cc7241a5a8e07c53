package main

// notRun are the commands of pages that TestCommandsOfPages does not run, as a pattern, and
// why. Their flags and arguments are held against the commands all the same.
func notRun() map[string]string {
	return map[string]string{
		`sudo apt install .*`:                                 "installs the packages of a release: internal/release does it in a fresh Debian",
		`lbgen init`:                                          "asks on a terminal: TestInitAsks answers",
		`.*lbgen check .*`:                                    "asks the real daemons: TestScript/check, TestSitesOfInit",
		`(sudo )?lbgen rehearse .*`:                           "takes root, and seconds: TestRehearse, TestSitesOfInit, internal/rehearse",
		`lbgen (route|test) .*--real.*`:                       "takes namespaces, and prints a version: TestExamplesReal, TestRealFindsMore",
		`lbgen adopt --rehearse .*`:                           "takes root, and seconds: TestAdoptRehearse",
		`lbgen .*--watch .*`:                                  "ends when it is interrupted: TestWatch",
		`lbgen (collect|deploy|status) .*`:                    "asks nodes over ssh: TestCollect, TestStatus, internal/installed",
		`(scp|ssh) .*`:                                        "goes to a node: internal/installed does",
		`sh (prslb01/)?install\.sh.*`:                         "changes a node: internal/scripts, internal/installed",
		`sh firewalld\.sh .*|grep -v '\^#' /var/lib/lbgen/.*`: "changes a node: internal/scripts",
		`rm -f /var/lib/lbgen/.*`:                             "changes a node: internal/scripts",
		`(cd fleet|cd fleet && xargs .*|xargs ansible-vault .*|ansible-playbook .*)`: "internal/fleet runs Ansible with what lbgen wrote",
		`.* \| dot .*`:               "Graphviz is no part of the tests: dot's grammar is, in internal/graph",
		`git (show|tag) .*`:          "is about the reader's own repository",
		`debootstrap .*`:             "fetches a Debian: make releases-real does",
		`make .*`:                    "is how the tests are run",
		`go test .*|scripts/count.*`: "is how the tests are run",
		`lbgen .*/var/log/.*`:        "reads the log of a node: TestScript/route reads one",
		`lbgen test site\.yaml`:      "the page shows a test that fails: TestScript/test has one",
	}
}
