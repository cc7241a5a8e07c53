package cli

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/route"
)

// hopJSON is one request and what becomes of it in JSON.
type hopJSON struct {
	Request     string       `json:"request"`
	Kind        string       `json:"kind"`
	Frontend    string       `json:"frontend,omitempty"`
	Bind        *placeJSON   `json:"bind,omitempty"`
	Steps       []triedJSON  `json:"steps"`
	By          *placeJSON   `json:"by,omitempty"`
	Backend     string       `json:"backend,omitempty"`
	Servers     []string     `json:"servers,omitempty"`
	Why         string       `json:"why,omitempty"`
	Status      int          `json:"status,omitempty"`
	Location    string       `json:"location,omitempty"`
	Page        string       `json:"page,omitempty"`
	Text        string       `json:"text,omitempty"`
	ContentType string       `json:"contentType,omitempty"`
	Target      string       `json:"target,omitempty"`
	ToServer    []changeJSON `json:"requestHeaders,omitempty"`
	ToClient    []changeJSON `json:"answerHeaders,omitempty"`
	Undecided   []doubtJSON  `json:"undecided,omitempty"`
	Real        *realHopJSON `json:"real,omitempty"`
}

// placeJSON is a value of the site file.
type placeJSON struct {
	Path string `json:"path"`
	File string `json:"file"`
	Line int    `json:"line"`
}

type triedJSON struct {
	placeJSON
	Action  string `json:"action"`
	Matched string `json:"matched"` // yes, no or undecided
	Failed  string `json:"failed,omitempty"`
	Why     string `json:"why,omitempty"`
	Did     string `json:"did,omitempty"`
}

type changeJSON struct {
	Path   string `json:"path"`
	Do     string `json:"do"` // set, add or del
	Name   string `json:"name"`
	Value  string `json:"value,omitempty"`
	Sample string `json:"sample,omitempty"`
	Sure   bool   `json:"sure"`
}

type doubtJSON struct {
	placeJSON
	Why string `json:"why"`
}

func (l *loaded) hopJSON(h *hop) hopJSON {
	a := &h.answer
	j := hopJSON{
		Request: h.request.String(), Kind: string(a.Kind), Frontend: a.Frontend, Bind: l.placeOf(a.Bind),
		Steps: []triedJSON{}, By: l.placeOf(a.By),
		Backend: a.Backend, Servers: a.Servers, Why: a.Why, Status: a.Status, Location: a.Location, Page: a.Page, Text: a.Text,
		ContentType: a.ContentType, ToServer: changesJSON(a.Request), ToClient: changesJSON(a.Response),
	}
	if a.Kind == route.ToBackend {
		j.Target = a.Target
	}
	for _, s := range a.Steps {
		j.Steps = append(j.Steps, triedJSON{*l.placeOf(s.Path), s.Action, s.Matched.String(), string(s.Failed), s.Why, s.Did})
	}
	if h.real != nil {
		j.Real = h.real.json()
	}
	for _, d := range a.Undecided {
		j.Undecided = append(j.Undecided, doubtJSON{*l.placeOf(d.Path), d.Why})
	}
	return j
}

func (l *loaded) placeOf(path diag.Path) *placeJSON {
	if path == "" {
		return nil
	}
	r := l.src.Range(path)
	return &placeJSON{string(path), r.File, r.Start.Line}
}

func changesJSON(changes []route.Change) []changeJSON {
	all := make([]changeJSON, 0, len(changes))
	for _, c := range changes {
		all = append(all, changeJSON{string(c.Path), c.Do, c.Name, c.Value, c.Sample, c.Sure})
	}
	return all
}
