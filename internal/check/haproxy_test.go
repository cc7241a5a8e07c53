package check

import "testing"

// TestFewerProcessorsHere: how many this machine has says nothing of the node.
func TestFewerProcessorsHere(t *testing.T) {
	j := &job{}
	left := j.withoutProcessors([]finding{
		{message: "This configuration binds 4 threads to a total of 2 CPUs via cpu-map directives. This means …"},
		{message: "a proxy 'b' has no server"},
	})
	if len(left) != 1 || left[0].message != "a proxy 'b' has no server" || len(j.stubs) != 1 {
		t.Errorf("left %v, replaced by a stub %v", left, j.stubs)
	}
}

// TestThreadsAreNoFinding: that this machine has fewer processors than the node is
// said by HAProxy 3.0.11 and 3.2.26 in words of their own.
func TestThreadsAreNoFinding(t *testing.T) {
	t.Parallel()
	for _, said := range []string{
		"[WARNING]  (9) : config : This configuration enables 64 threads running on a total of 2 CPUs. This means that some threads will " +
			"compete\n",
		"[WARNING]  (9) : This configuration binds 64 threads to a total of 2 CPUs via cpu-map directives. This means that some threads\n",
	} {
		j := &job{}
		if found := j.withoutProcessors(parseHAProxy([]byte(said))); len(found) > 0 || len(j.stubs) != 1 {
			t.Errorf("%s: %+v, %q", said, found, j.stubs)
		}
	}
}
