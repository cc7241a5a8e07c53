package model

import (
	"slices"
	"strings"
)

// isCiphers wants a list of which OpenSSL knows at least one word: of one that it does
// not know at all it makes no list, and HAProxy does not start.
func isCiphers(s string) bool {
	if !(shape{alphanumeric + "!@+-", alphanumeric + "!:@=_+,-", 1000}).matches(s) {
		return false
	}
	return slices.ContainsFunc(strings.FieldsFunc(s, func(r rune) bool { return r == ':' || r == ',' }), knownCipher)
}

// knownCipher says whether a word adds ciphers: it is one of OpenSSL's own for many
// (openssl-ciphers(1)), or the name of one.
func knownCipher(word string) bool {
	if strings.ContainsAny(word[:1], "!-+@") {
		return false
	}
	if strings.HasPrefix(word, "PROFILE=") || strings.HasPrefix(word, "SUITEB") || word == "DEFAULT" {
		return true
	}
	for part := range strings.SplitSeq(word, "+") {
		if !slices.Contains(cipherWords(), part) && !isCipherName(part) {
			return false
		}
	}
	return true
}

// isCipherName says whether the word looks like ECDHE-RSA-AES128-GCM-SHA256, or like
// the same name in the form of the RFC.
func isCipherName(word string) bool {
	parts := strings.FieldsFunc(word, func(r rune) bool { return r == '-' || r == '_' })
	return len(parts) > 1 && slices.ContainsFunc(parts, func(p string) bool {
		return slices.ContainsFunc(strings.Fields("AES CHACHA20 CAMELLIA ARIA SEED DES RC4 NULL GOST89 GOST2012 IDEA MAGMA KUZNYECHIK"),
			func(cipher string) bool { return strings.HasPrefix(p, cipher) })
	})
}

// cipherWords are those that stand for many ciphers.
func cipherWords() []string {
	return strings.Fields(`ALL COMPLEMENTOFALL COMPLEMENTOFDEFAULT HIGH MEDIUM LOW FIPS
		kRSA aRSA RSA kDHr kDHd kDH kDHE kEDH DH DHE EDH ADH kEECDH kECDHE ECDH ECDHE EECDH AECDH aDSS DSS aDH aECDSA ECDSA
		TLSv1.3 TLSv1.2 TLSv1.0 TLSv1 SSLv3 AES128 AES256 AES AESGCM AESCCM AESCCM8 ARIA128 ARIA256 ARIA ARIAGCM CAMELLIA128
		CAMELLIA256 CAMELLIA CHACHA20 3DES DES RC4 RC2 IDEA SEED MD5 SHA1 SHA SHA256 SHA384 aGOST aGOST01 kGOST GOST94 GOST89MAC
		PSK kPSK kECDHEPSK kDHEPSK kRSAPSK aPSK SRP kSRP aSRP CBC eNULL NULL aNULL`)
}

// isCiphersuites wants those of TLS 1.3 (RFC 8446 B.4, RFC 9150), of which OpenSSL
// takes no other.
func isCiphersuites(s string) bool {
	known := strings.Fields(`TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256 TLS_AES_128_CCM_SHA256
		TLS_AES_128_CCM_8_SHA256`)
	for name := range strings.SplitSeq(s, ":") {
		if !slices.Contains(known, name) {
			return false
		}
	}
	return true
}
