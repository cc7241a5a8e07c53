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
