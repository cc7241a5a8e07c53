// Package rules holds the rules of lbgen lint, one file each, and the one table
// of them.
package rules

import "github.com/lbgen/lbgen/internal/lint"

//go:generate go run ../../gen/rules ../../../docs/rules

// All returns every rule, sorted by number. LB1: VRRP and failover. LB2: HAProxy
// and its servers. LB3: TLS and passwords. LB4: the host.
// LB9: between sites.
func All() []lint.Rule {
	return []lint.Rule{
		failoverNotProved(),
		overBudget(),
		commonRouterID(),
		checkOutlastsInterval(),
		oneBadCheckMoves(),
		weightKeepsDeadNode(),
		serverNICNotWatched(),
		processIsNoService(),
		curlTakesErrors(),
		checkAsksManager(),
		checkThroughHAProxy(),
		slowToCountAgain(),
		processEvents(),
		bondWithoutDelay(),
		fastAdverts(),
		rawBesideField(),
		rawSplitsPair(),
		unheardVIP(),
		slowSkew(),
		outsideCheck(),
		unusedBackend(),
		duplicateServer(),
		serversNotChecked(),
		redirectIsHealthy(),
		tableLostOnFailover(),
		oneBackupServes(),
		onlyBackups(),
		cookieWithoutRedispatch(),
		statsWithoutPassword(),
		clearText443(),
		sorryWith200(),
		trustedForwardedFor(),
		longSessionsCut(),
		serverNoticedLate(),
		oldProcessStays(),
		bindToAll(),
		clearTextTo443(),
		checkWithoutProxyHeader(),
		nobodyServes(),
		oneBadCheckTakesOut(),
		noRetry(),
		rawHasAField(),
		limitNeverReached(),
		proxyIsLimited(),
		routeInTheShadow(),
		tcpTimeoutsDiffer(),
		socketByTCP(),
		statsForEverybody(),
		forwardedForTwice(),
		sourceOfOneNode(),
		redirectToClosedPort(),
		timeoutBelowASecond(),
		checkOverCheck(),
		oldTLS(),
		serverNotVerified(),
		serverOfAnyName(),
		clearPassword(),
		acmeRedirected(),
		preloadRefused(),
		fileLimit(),
		requestsNotLogged(),
		routerIDTwice(),
		addressTwice(),
		targetsDiverge(),
	}
}
