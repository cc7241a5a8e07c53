//go:build linux

package behaviour_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
)

const redisPassword = `r "e' $d #1`

// health: in each backend the server "well" answers its check as it should,
// and "ill" nearly so.
func health(m *machine) {
	load := &atomic.Value{} // what the agents say
	load.Store("up 50%")
	for host, well := range map[string]bool{"192.0.2.21:": true, "192.0.2.22:": false} {
		m.web("plain", host+"80").answer = healthAnswers(well)
		m.web("port", host+"8081").answer = func(w http.ResponseWriter, r *http.Request) { answer(w, is(well), r.URL.Path) }
		for port, talk := range daemons(well) {
			m.tcp(host+port, talk)
		}
		m.tcp(host+"7002", func(conn net.Conn) { say(conn, load.Load().(string)+"\n") })
	}
	m.web("tls", "192.0.2.21:8443").secure(m.serverTLS("www.example.com"))
	m.web("believed", "192.0.2.21:8445").secure(m.serverTLS("www.example.com"))
	m.web("not believed", "192.0.2.22:8445").secure(m.serverTLS("other.example.com"))
	m.web("sni", "192.0.2.21:8444").secure(onlyFor("www.example.com", m.serverTLS("www.example.com")))
	m.to = "192.0.2.5"
	m.start()

	for _, backend := range []string{
		"status", "range", "method", "head", "post", "verified", "mixed", "host", "headers", "body", "body-regex", "port", "tls", "tls-off",
		"tcp_steps", "tls_hello", "mysql", "pgsql", "redis", "primary", "smtp", "ldap",
	} {
		m.down(backend + "/ill")
		m.up(backend + "/well")
	}
	load.Store("down")
	m.state("DOWN (agent)", []string{"agent/well"})
	load.Store("up")
	m.up("agent/well")
	load.Store("drain")
	m.state("DRAIN (agent)", []string{"agent/well"})
}

// is returns the status for what is well, or not.
func is(well bool) int {
	if well {
		return http.StatusOK
	}
	return http.StatusInternalServerError
}

func answer(w http.ResponseWriter, status int, body string) {
	w.WriteHeader(status)
	fmt.Fprintln(w, body)
}

// healthAnswers are those of a web server on its own port.
func healthAnswers(well bool) func(http.ResponseWriter, *http.Request) {
	choose := func(status, other int) int {
		if well {
			return status
		}
		return other
	}
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/status":
			w.WriteHeader(choose(http.StatusNoContent, http.StatusOK))
		case "/range":
			w.WriteHeader(choose(http.StatusNotFound, http.StatusFound))
		case "/method":
			answer(w, is(well && r.Method == http.MethodOptions), "")
		case "/head":
			answer(w, is(well && r.Method == http.MethodHead && r.Proto == "HTTP/1.0"), "")
		case "/post":
			answer(w, is(well && r.Method == http.MethodPost), "")
		case "/host":
			answer(w, is(well && r.Host == "www.example.com" && r.Proto == "HTTP/1.1"), "")
		case "/headers":
			answer(w, is(well && r.Header.Get("X-Check") == `100% "yes"`), "")
		case "/body":
			answer(w, http.StatusOK, strings.Repeat("all's {", choose(1, 0))+"well}")
		case "/body_regex":
			answer(w, http.StatusOK, fmt.Sprintf("load: %d.3", choose(5, 6)))
		default: // the other checks go to another port
			answer(w, http.StatusInternalServerError, "")
		}
	}
}

// onlyFor is TLS with clients that ask for this name.
func onlyFor(name string, c *tls.Config) *tls.Config {
	c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if hello.ServerName != name {
			return nil, errors.New("who is " + hello.ServerName + "?")
		}
		return nil, nil //nolint:nilnil // crypto/tls takes it for "as it is"
	}
	return c
}

// daemons are stubs for what HAProxy has checks for, by port: so much of
// each protocol as a check needs, from its specification.
func daemons(well bool) map[string]func(net.Conn) {
	talks := map[string]func(net.Conn){
		"7001": steps(well), "3306": mysql("mysql", "haproxy", well), "5432": pgsql(well),
		"6379": redis(redisPassword, well, true), "6380": redis("", true, well), "25": smtp(well), "389": ldap(well),
	}
	if !well {
		talks["8443"], talks["8444"] = echo("no TLS"), echo("no TLS")
	}
	return talks
}

// say sends a text; where the other side has gone there is nobody to tell.
func say(conn net.Conn, text string) { _, _ = io.WriteString(conn, text) }

// heard reads what comes until it ends in so, or nothing comes any more.
func heard(conn io.Reader, end string) string {
	var text []byte
	for one := make([]byte, 1); !bytes.HasSuffix(text, []byte(end)); text = append(text, one[0]) {
		if _, err := conn.Read(one); err != nil {
			break
		}
	}
	return string(text)
}

func pick(well bool, good, bad string) string {
	if well {
		return good
	}
	return bad
}

func steps(well bool) func(net.Conn) {
	return func(conn net.Conn) {
		say(conn, "220 hello\r\n")
		if heard(conn, "\n") == "STATUS\r\n" {
			say(conn, pick(well, "well 12\r\n", "well enough\r\n"))
		}
		heard(conn, "Q\r\n")
	}
}

// mysql: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html
func mysql(name, user string, well bool) func(net.Conn) {
	return func(conn net.Conn) {
		say(conn, mysqlGreeting(name))
		if !strings.Contains(heard(conn, user+"\x00"), user) {
			return
		}
		say(conn, pick(well, "\x07\x00\x00\x02\x00\x00\x00\x02\x00\x00\x00", "\x0b\x00\x00\x02\xff\x15\x04#28000no"))
		heard(conn, "never")
	}
}

// mysqlGreeting has the server's name where its version belongs.
func mysqlGreeting(name string) string {
	text := "\x0a" + name + "\x00" + "\x01\x00\x00\x00" + "12345678\x00" + "\x00\x82" + "\x21\x02\x00\x00\x00\x15" +
		strings.Repeat("\x00", 10) + "123456789012\x00"
	return string(rune(len(text))) + "\x00\x00\x00" + text
}

// pgsql: https://www.postgresql.org/docs/current/protocol-flow.html
func pgsql(well bool) func(net.Conn) {
	return func(conn net.Conn) {
		if !strings.Contains(heard(conn, "haproxy\x00"), "user") {
			return
		}
		say(conn, pick(well, "R\x00\x00\x00\x08\x00\x00\x00\x00", "E\x00\x00\x00\x0bSFATAL\x00\x00"))
		heard(conn, "never")
	}
}

// redis wants a password, if it has one, and knows whether it is the primary.
func redis(password string, believes, primary bool) func(net.Conn) {
	return func(conn net.Conn) {
		known := password == ""
		for text := heard(conn, "\n"); text != ""; text = heard(conn, "\n") {
			word := strings.ToLower(strings.TrimSpace(text))
			switch {
			case password != "" && strings.Contains(text, password):
				known = believes
				say(conn, pick(known, "+OK\r\n", "-ERR invalid password\r\n"))
			case word == "ping":
				say(conn, pick(known, "+PONG\r\n", "-NOAUTH Authentication required.\r\n"))
			case word == "info replication" && known:
				info := "# Replication\r\nrole:" + pick(primary, "master", "slave") + "\r\nconnected_slaves:1\r\n"
				say(conn, fmt.Sprintf("$%d\r\n%s\r\n", len(info), info))
			case word == "quit":
				say(conn, "+OK\r\n")
			}
		}
	}
}

func smtp(well bool) func(net.Conn) {
	return func(conn net.Conn) {
		say(conn, "220 mail.example.com ESMTP\r\n")
		if greeting := heard(conn, "\n"); greeting == "HELO lb.example.com\r\n" || greeting == "EHLO lb.example.com\r\n" {
			say(conn, pick(well, "250 pleased to meet you\r\n", "550 who are you\r\n"))
		}
		heard(conn, "QUIT\r\n")
		say(conn, "221 bye\r\n")
	}
}

// ldap answers a bind: RFC 4511 4.2.
func ldap(well bool) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := io.ReadFull(conn, make([]byte, 14)); err == nil {
			say(conn, "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01"+pick(well, "\x00", "\x31")+"\x04\x00\x04\x00")
		}
		heard(conn, "never")
	}
}
