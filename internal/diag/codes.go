package diag

//go:generate go run ../gen/errors ../../docs/errors.md

import (
	"cmp"
	"slices"
)

// Code is what is known of the code of a finding.
type Code struct {
	Name  string // "unknown-field"
	Title string // what it says, one line
	Text  string // why it is one, and what to do
	// Family is true where Name is the beginning of several: check- and the checker.
	Family bool
}

// Codes returns the codes of all findings but those of rules, sorted by name.
// docs/errors.md and lbgen explain show them.
func Codes() []Code {
	all := slices.Concat(yamlCodes(), siteCodes(), pairCodes(), commandCodes())
	slices.SortFunc(all, func(a, b Code) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// yamlCodes are those of what is not YAML, or not the part of YAML that site files use.
func yamlCodes() []Code {
	return []Code{
		{Name: "alias-loop", Title: "an alias leads to itself",
			Text: "A YAML alias (`*name`) stands inside of what its anchor (`&name`) marks, so that it has no end. Write the value out."},
		{Name: "bad-character", Title: "a character that may not stand there",
			Text: "The file holds bytes that are no UTF-8, control characters, or characters that look like others, such as a no-break space or " +
				"curly quotes. Replace them by the plain ones."},
		{Name: "bad-key", Title: "a key that is no plain word",
			Text: "Keys of a site file are texts. One that begins with {, [ or * needs quotes."},
		{Name: "directive", Title: "a YAML directive (a line that begins with %)",
			Text: "Site files are YAML 1.2 without directives: take the line out."},
		{Name: "duplicate-key", Title: "a key stands in its mapping twice",
			Text: "YAML readers take one of the two, and which one differs. Keep one."},
		{Name: "empty", Title: "the file holds nothing",
			Text: "A site file was expected. `lbgen init` writes a first one."},
		{Name: "merge-key", Title: "a merge key (<<)",
			Text: "It is no part of YAML 1.2, and readers disagree on what it does. Use an alias for the whole value, or `defaults`."},
		{Name: "missing-value", Title: "a key without a value",
			Text: "Write a value, or take the key out. An empty list is [], an empty text \"\"."},
		{Name: "syntax", Title: "this is not YAML",
			Text: "The place is where the reader stumbled: the fault is there, or just above it. Look at indentation, quotes and brackets."},
		{Name: "tab", Title: "a tab indents a line",
			Text: "YAML indents with blanks alone."},
		{Name: "tag", Title: "a YAML tag (!)",
			Text: "Site files have none. A text that begins with ! needs quotes."},
		{Name: "too-deep", Title: "too many levels of nesting",
			Text: "A site file needs 8 at most."},
		{Name: "too-large", Title: "a file, or a number of things, is larger than lbgen takes",
			Text: "Limits keep a broken file from taking the machine's memory. The message says the limit."},
		{Name: "two-documents", Title: "a second YAML document (---)",
			Text: "A site file is one document: one file for each site."},
	}
}

// siteCodes are those of fields, of what they refer to, and of what stands beside the site file.
func siteCodes() []Code {
	return []Code{
		{Name: "bad-certificate", Title: "a certificate that HAProxy cannot use",
			Text: "The file that the site file names is there, and holds no certificate, no key, the key of another certificate, or one with a " +
				"pass phrase. The message says which. A key is never shown."},
		{Name: "bad-page", Title: "a page that HAProxy cannot serve",
			Text: "The page is empty, or larger than HAProxy's buffer (`global.tune_bufsize`, 16 KiB) lets it send at once."},
		{Name: "bad-secret", Title: "a secret that cannot be used",
			Text: "The file or the environment variable is there, and what it holds cannot stand in the daemon's file: it is empty, has several " +
				"lines, or characters that the daemon reads otherwise. The secret itself is never shown."},
		{Name: "bad-value", Title: "a value that the field does not take",
			Text: "The message says what was expected. Values are checked before a daemon sees them: what is refused here would be refused there, " +
				"or would mean something else."},
		{Name: "duplicate", Title: "the same thing is defined twice",
			Text: "Names, addresses, ports and router IDs are one thing's each. The finding shows both places."},
		{Name: "loop", Title: "a request, or a connection, is led back to where it came from",
			Text: "A redirect to what was asked for, or a server that is an address of the balancer itself."},
		{Name: "missing-field", Title: "a field that is needed is not there",
			Text: "The message says which one, and what needs it."},
		{Name: "missing-secret", Title: "a secret is not where the site file says",
			Text: "`render` needs the file or the environment variable. `validate`, `lint` and `check` do not read secrets, and do without " +
				"certificates that are not there."},
		{Name: "not-shared", Title: "a field that defaults_from does not take",
			Text: "The file that several sites take defaults from has values for all of them: no nodes, no virtual IPs, no frontends."},
		{Name: "outside-subnet", Title: "an address is outside of its network",
			Text: "The address of a node or of a virtual IP does not belong to the subnet of its NIC: it could not be reached."},
		{Name: "secret-literal", Title: "a secret stands in the site file itself",
			Text: "Site files are kept and shown. Write {file: PATH} or {env: NAME}, and put the secret there."},
		{Name: "too-many", Title: "there are more faults than are shown",
			Text: "Mend the first ones, and look again."},
		{Name: "unknown-field", Title: "a field that does not exist",
			Text: "Usually it is misspelt, or stands one level too high or too low. The message has the nearest name; `lbgen explain FIELD` " +
				"says more."},
		{Name: "unknown-reference", Title: "a name that nothing has",
			Text: "A frontend names a backend, a bind a virtual IP, a node a NIC: what is named has to be defined in the same file."},
		{Name: "unreachable", Title: "something that no request reaches",
			Text: "An earlier route takes every request. Change the order, or the conditions."},
		{Name: "unreadable", Title: "a file that is referred to cannot be read",
			Text: "A page, or the file of `defaults_from`. Paths are relative to the file that names them."},
		{Name: "wrong-type", Title: "a value of another type",
			Text: "A list where a mapping was expected, a text where a number was. The message shows the form."},
	}
}

// pairCodes are those of pairs that run already, and of their files.
func pairCodes() []Code {
	return []Code{
		{Name: "file-twice", Title: "two files are the same file of a node",
			Text: "Of a pair that runs already, two files look like one node's haproxy.cfg or keepalived.conf. Name one, or a folder for each " +
				"node."},
		{Name: "haproxy-syntax", Title: "HAProxy would not understand this line of haproxy.cfg",
			Text: "It is about a file that was written by hand: a quote that is not closed, an escape that is none, a line outside of sections."},
		{Name: "keepalived-braces", Title: "the braces of keepalived.conf do not match",
			Text: "Keepalived goes on silently, with blocks that end elsewhere than they seem to."},
		{Name: "keepalived-include", Title: "an include of keepalived.conf brings nothing",
			Text: "No file matches, or it is outside of the files that were handed in. What stands in it is missing in the answer."},
		{Name: "keepalived-syntax", Title: "Keepalived reads this line otherwise than it looks",
			Text: "Quotes, escapes, comments, definitions or blocks that it passes over. The finding says what it makes of it."},
		{Name: "keepalived-unknown", Title: "a keyword that Keepalived does not know there",
			Text: "It passes over the line with a message in the log. Usually it is misspelt, or stands in the wrong block."},
		{Name: "no-node", Title: "no node was found in what was named",
			Text: "A pair is a folder or a tar file for each node, with etc/haproxy/haproxy.cfg and etc/keepalived/keepalived.conf in it, or " +
				"loose files."},
		{Name: "node-twice", Title: "a node was named twice",
			Text: "Two inputs have the same name. Give one another with NAME=PATH."},
		{Name: "several-nodes", Title: "several nodes where one was meant",
			Text: "The folder has files of more than one node. Name each node's own folder."},
	}
}

// commandCodes are those of single commands.
func commandCodes() []Code {
	return []Code{
		{Name: "bad-waiver", Title: "a comment that accepts a finding, and cannot be read",
			Text: "It is written `# lbgen:ignore RULE -- reason`, with the number of a rule and a reason."},
		{Name: "changed-directive", Title: "a newer daemon reads this otherwise",
			Text: "`upgrade-check` found a line whose meaning changes between the two versions. Compare what the manual of the new one says."},
		{Name: "check-", Family: true, Title: "a real daemon or tool refuses or warns of a rendered file",
			Text: "The code goes on with the checker: check-haproxy, check-keepalived, check-rsyslog … `lbgen check` shows its words, the " +
				"generated line and the line of the site file that it came from."},
		{Name: "coming-change", Title: "a later version will warn of this or refuse it",
			Text: "It works in the version that was asked about. There is time to change it before the next one."},
		{Name: "deprecated-directive", Title: "the new daemon warns of this",
			Text: "It still works, and each start logs a warning. The remedy stands in the message."},
		{Name: "coverage-low", Title: "the tests of a site reach too few of its routes",
			Text: "`lbgen test --min-coverage` asks for more. Write tests for the routes that it lists."},
		{Name: "failover", Title: "after some failure the virtual IP is not where it should be",
			Text: "`lbgen prove` worked out who is master after each event. The finding names the event, what happens and the values that cause " +
				"it."},
		{Name: "needs-version", Title: "a newer daemon is needed for this",
			Text: "The site's platform, or `target`, has an older version. Take the field out, or say the version that the nodes run with " +
				"`target`."},
		{Name: "not-checked", Title: "a checker could not look at its files",
			Text: "It is not installed, or it did not end in time. What it would have said is not known."},
		{Name: "removed-directive", Title: "the new daemon refuses this",
			Text: "It would not start. The remedy stands in the message."},
		{Name: "route-untested", Title: "no test reaches a route",
			Text: "No request under `tests:` comes by it, so that nothing notices when it changes. A rate limit and a question for a password " +
				"count as reached where they refuse somebody."},
		{Name: "test-failed", Title: "a test of the site file expects something else",
			Text: "What becomes of the request is in the message, and the line that decides it. Either the site is wrong, or the test."},
		{Name: "test-undecided", Title: "a site file does not decide what becomes of a test's request",
			Text: "It hangs on what the test does not say, such as the client's address, or on what HAProxy alone knows, such as a raw line. It " +
				"counts as failed."},
		{Name: "unknown-rule", Title: "a rule that does not exist",
			Text: "A waiver, or `lint:` in the site file, names a rule that lbgen does not have. `lbgen explain` lists them."},
		{Name: "unused-waiver", Title: "a comment that accepts what is not there",
			Text: "The finding is gone: take the comment out, so that it does not hide the next one."},
	}
}
