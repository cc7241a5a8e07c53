package recording_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/recording"
)

// TestWriteRead: what is read is what was written, but for bodies.
func TestWriteRead(t *testing.T) {
	answer := &recording.Answer{Status: 503, Digest: "ab", Took: 3210 * time.Microsecond, Cookies: map[string]string{"c": "v"}}
	events := []recording.Event{
		{At: 5 * time.Millisecond, Kind: recording.Plan, What: "steady", Text: "site", Plan: json.RawMessage(`{"Drill":"steady"}`)},
		{At: 1234567 * time.Microsecond, Host: "a", Kind: recording.Said, What: "keepalived", Text: "<\"quoted\"> & more"},
		{At: time.Hour, Kind: recording.Probe, What: "GET /", Answer: answer},
	}
	with := *answer
	with.Body = "<html>"
	var b bytes.Buffer
	long := recording.Event{At: time.Hour, Kind: recording.Probe, What: "GET /", Answer: &with}
	if err := recording.Write(&b, append(events[:2:2], long)); err != nil {
		t.Fatal(err)
	}
	got, err := recording.Read(&b)
	if err != nil || !reflect.DeepEqual(got, events) {
		t.Errorf("%v\n%+v\n%+v", err, got, events)
	}
}

func TestReadSaysWhichLineIsWrong(t *testing.T) {
	_, err := recording.Read(strings.NewReader("{\"at\":1,\"kind\":\"rest\"}\n{\"at\":\"soon\"}\n"))
	if err == nil || !strings.HasPrefix(err.Error(), "line 2: ") {
		t.Errorf("%v", err)
	}
}
