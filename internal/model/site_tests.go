package model

// Test is one request, and what has to become of it. lbgen test asks each of them; the nodes hear nothing of it.
type Test struct {
	// What a client asks for: a method and an address, such as GET https://www.example.com/x, or tcp and where it connects to, such as
	// tcp 192.0.2.10:6443.
	Request TestRequest `yaml:"request" validate:"required"`
	// Address that the client connects to, where several frontends listen on the port. Default: the one that the request names, or any
	// of the site.
	To HostAddress `yaml:"to"`
	// Address that the client comes from. Left out, nothing is known of it: where the way of the request hangs on it, the test is undecided.
	From HostAddress `yaml:"from"`
	// Headers of the request, by name, each with its value or with several.
	Headers map[string]Words `yaml:"headers" validate:"max=50,dive,keys,token,endkeys,max=10,dive,text"`
	// Cookies of the request, by name.
	Cookies map[string]string `yaml:"cookies" validate:"max=50,dive,keys,token,endkeys,text"`
	// Name that the client asks for in the beginning of TLS. Default: the host of an https address.
	SNI string `yaml:"sni" validate:"omitempty,host_name"`
	// The client shows a certificate of its own, and it is good.
	ClientCertificate bool `yaml:"client_certificate"`
	// User of a userlist whose password the request has.
	User string `yaml:"user" validate:"omitempty,name"`
	// What is out of service: BACKEND for all of its servers, or BACKEND/SERVER.
	Down Words `yaml:"down" validate:"max=100,dive,downs"`
	// How often the client asks in the same second: what is expected is of the last time (1-100000). Default 1.
	Times int `yaml:"times" validate:"omitempty,min=1,max=100000"`
	// Expected: the backend that gets it.
	Backend string `yaml:"backend" validate:"omitempty,name"`
	// Expected: the only server that may get it, BACKEND/SERVER.
	Server string `yaml:"server" validate:"omitempty,tracked"`
	// Expected: where the client is sent, as the answer's Location has it.
	Redirect string `yaml:"redirect" validate:"omitempty,url_or_path"`
	// Expected: the status of that answer: 301, 302, 303, 307 or 308. Default: any of them.
	Code int `yaml:"code" validate:"omitempty,oneof=301 302 303 307 308"`
	// Expected: the status of an answer by HAProxy itself (200-599).
	Status int `yaml:"status" validate:"omitempty,min=200,max=599"`
	// Expected: the page that HAProxy answers with, as the site file names it elsewhere.
	Page string `yaml:"page" validate:"omitempty,beside"`
	// Expected: the connection is closed, without an answer.
	Closed bool `yaml:"closed"`
}
