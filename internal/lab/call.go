package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
)

// An agent is asked one thing at a time: a line of JSON goes there, and one
// comes back.

type question struct {
	Op   string
	Args json.RawMessage
}

type reply struct {
	Error string
	Value json.RawMessage
}

// caller is this end of an agent.
type caller struct {
	name string
	mu   sync.Mutex
	conn net.Conn
	in   *json.Decoder
}

func newCaller(name string, f *os.File) (*caller, error) {
	conn, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	return &caller{name: name, conn: conn, in: json.NewDecoder(conn)}, nil
}

// call has the agent do op with args, and fills value, if it is not nil, with
// what comes back.
func (c *caller) call(op string, args, value any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	data, err := json.Marshal(args)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(c.conn).Encode(question{op, data}); err != nil {
		return fmt.Errorf("%s: %s: %w", c.name, op, err)
	}
	var r reply
	if err := c.in.Decode(&r); err != nil {
		return fmt.Errorf("%s: %s: the agent is gone: %w", c.name, op, err)
	}
	switch {
	case r.Error != "":
		return fmt.Errorf("%s: %s", c.name, r.Error)
	case value == nil:
		return nil
	default:
		return json.Unmarshal(r.Value, value)
	}
}

// handler does one op.
type handler func(args json.RawMessage) (any, error)

// handle makes a handler of a function with typed arguments.
func handle[A any](f func(A) (any, error)) handler {
	return func(data json.RawMessage) (any, error) {
		var args A
		if err := json.Unmarshal(data, &args); err != nil {
			return nil, err
		}
		return f(args)
	}
}

// do makes a handler of a function that has nothing to return.
func do[A any](f func(A) error) handler {
	return handle(func(args A) (any, error) { return nil, f(args) })
}

// serve answers questions until the other end is gone.
func serve(conn io.ReadWriter, ops map[string]handler) error {
	in, out := json.NewDecoder(conn), json.NewEncoder(conn)
	for {
		var q question
		if err := in.Decode(&q); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := out.Encode(answer(ops, q)); err != nil {
			return err
		}
	}
}

func answer(ops map[string]handler, q question) reply {
	op, ok := ops[q.Op]
	if !ok {
		return reply{Error: "the agent does not know " + q.Op}
	}
	value, err := op(q.Args)
	if err != nil {
		return reply{Error: err.Error()}
	}
	data, err := json.Marshal(value)
	if err != nil {
		return reply{Error: err.Error()}
	}
	return reply{Value: data}
}
