package redis_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"ocsso/internal/kv/redis"
	"ocsso/internal/kv/redis/redistest"
	"ocsso/internal/proctest"
)

func TestStoreWithSentinels(t *testing.T) {
	t.Parallel()
	master := redistest.Start(t)
	testStore(t, redistest.StartSentinel(t, "main", master), redis.Options{Mode: redis.Sentinel, Master: "main"})
}

func TestSentinelsMayHaveThePasswordOrNone(t *testing.T) {
	master := redistest.Start(t, allowedTo("ocsso", redis.Options{Mode: redis.Sentinel})...)
	o := redis.Options{Mode: redis.Sentinel, Master: "main", Username: "ocsso", Password: password, KeyPrefix: "ocsso:"}
	for name, lines := range map[string][]string{
		"none":         nil,
		"the password": {"requirepass " + password},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, redistest.StartSentinel(t, "main", master, lines...), o)
			put(t, s, "key", "value")
			want(t, s, "key", "value")
		})
	}
	wantNothingDenied(t, master)
}

func TestSentinelsMayHaveAUserOfTheirOwn(t *testing.T) {
	const own = "watch-and-ward"
	master := redistest.Start(t, allowedTo("ocsso", redis.Options{Mode: redis.Sentinel})...)
	sentinel := redistest.StartSentinel(t, "main", master,
		"user watcher on >"+own+" "+redistest.OfSentinels,
		"user default on nopass ~* &* +@all")
	o := redis.Options{
		Mode: redis.Sentinel, Master: "main", Username: "ocsso", Password: password, KeyPrefix: "ocsso:",
		SentinelUsername: "watcher", SentinelPassword: own,
	}
	s := open(t, sentinel, o)
	put(t, s, "key", "value")
	want(t, s, "key", "value")
	wantNothingDenied(t, master)
	wantNothingDenied(t, sentinel)
	for name, wrong := range map[string]func(*redis.Options){
		"the sentinel's password is wrong": func(o *redis.Options) { o.SentinelPassword = password },
		"the sentinel's user is unknown":   func(o *redis.Options) { o.SentinelUsername = "else" },
	} {
		o := at(sentinel, o)
		wrong(&o)
		s, err := redis.Open(context.Background(), o)
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "WRONGPASS") || strings.Contains(err.Error(), own) {
			t.Errorf("%s: got %v, want WRONGPASS without the password", name, err)
		}
	}
}

func TestAClusterWhoseUserMayNotSeeTheSlotsSaysSo(t *testing.T) {
	cluster := redis.Options{Mode: redis.Cluster, Username: "ocsso", Password: password, KeyPrefix: "ocsso:"}
	nodes := startCluster(t, allowedTo("ocsso", redis.Options{})...)
	_, err := redis.Open(context.Background(), at(nodes[0], cluster))
	if err == nil || !strings.Contains(err.Error(), "NOPERM") || !strings.Contains(err.Error(), "cluster|slots") ||
		strings.Contains(err.Error(), "not part of a cluster") {
		t.Errorf("got %v, want NOPERM and the command", err)
	}
}

func TestAStoreFollowsTheMaster(t *testing.T) {
	master, replica := startPair(t)
	sentinel := redistest.StartSentinel(t, "main", master)
	s := open(t, sentinel, redis.Options{Mode: redis.Sentinel, Master: "main"})
	put(t, s, "warm", "value")
	want(t, s, "warm", "value")
	until(t, "the sentinel has a replica to promote", func() bool { return sentinel.Ask("SENTINEL", "FAILOVER", "main") == "OK" })
	until(t, "the replica is the master", func() bool { return strings.Contains(replica.Ask("INFO", "replication"), "role:master") })
	until(t, "the store writes to it", func() bool {
		return s.Put(context.Background(), "warm", []byte("changed"), time.Hour) == nil && replica.Ask("GET", "warm") == "changed"
	})
	want(t, s, "warm", "changed")
}

func TestStoreOnACluster(t *testing.T) {
	as := redis.Options{Mode: redis.Cluster, Username: "ocsso", Password: password, KeyPrefix: "ocsso:"}
	nodes := startCluster(t, allowedTo("ocsso", as)...)
	t.Run("suite", func(t *testing.T) { testStore(t, nodes[0], as) })
	for _, node := range nodes {
		wantNothingDenied(t, node)
	}
	t.Run("a probe asks each node", func(t *testing.T) { testProbeOfEachNode(t, nodes) })
	t.Run("a node that hangs is an error for its keys alone", func(t *testing.T) { testHangingNode(t, nodes) })
}

// testProbeOfEachNode fills the memory of one node after the other.
func testProbeOfEachNode(t *testing.T, nodes []*redistest.Server) {
	s := open(t, nodes[0], redis.Options{Mode: redis.Cluster})
	for i, node := range nodes {
		node.Tell("CONFIG", "SET", "maxmemory", "1")
		if err := s.Probe(context.Background()); err == nil || !strings.Contains(err.Error(), "OOM") {
			t.Errorf("node %d is full: got %v, want an error with OOM", i, err)
		}
		node.Tell("CONFIG", "SET", "maxmemory", "0")
		if err := s.Probe(context.Background()); err != nil {
			t.Errorf("node %d has room again: got %v, want no error", i, err)
		}
	}
}

func testHangingNode(t *testing.T, nodes []*redistest.Server) {
	s := open(t, nodes[0], redis.Options{Mode: redis.Cluster})
	hanging, serving := "{a}", "{b}" // of slots 15495 and 3300: the third node's and the first's
	put(t, s, hanging, "value")
	want(t, s, hanging, "value")
	if err := s.Probe(context.Background()); err != nil {
		t.Errorf("probe: got %v, want no error", err)
	}
	nodes[2].Pause()
	if err := s.Probe(context.Background()); err == nil {
		t.Error("probe: got no error, want one: a node hangs")
	}
	wantForgotten(t, s, hanging)
	wantOutOfOrder(t, s, hanging)
	put(t, s, serving, "value")
	want(t, s, serving, "value")
	nodes[2].Resume()
	until(t, "the node serves again", func() bool { return s.Put(context.Background(), hanging, nil, time.Hour) == nil })
}

// startCluster runs three nodes that share the slots evenly, in their order.
func startCluster(t *testing.T, settings ...string) []*redistest.Server {
	t.Helper()
	slots := [][2]string{{"0", "5460"}, {"5461", "10922"}, {"10923", "16383"}}
	var nodes []*redistest.Server
	for _, own := range slots {
		bus := redistest.FreePort(t)
		node := redistest.Start(t, append(settings, "--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-require-full-coverage", "no")...)
		node.Tell("CLUSTER", "ADDSLOTSRANGE", own[0], own[1])
		if len(nodes) > 0 {
			host, port, err := net.SplitHostPort(node.Address)
			if err != nil {
				t.Fatal(err)
			}
			nodes[0].Tell("CLUSTER", "MEET", host, port, bus)
		}
		nodes = append(nodes, node)
	}
	for i, node := range nodes {
		until(t, fmt.Sprintf("node %d knows the others' slots", i), func() bool {
			known := node.Ask("CLUSTER", "INFO")
			return strings.Contains(known, "cluster_state:ok") && strings.Contains(known, "cluster_slots_ok:16384")
		})
	}
	return nodes
}

// until returns when condition holds.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := proctest.Patience(t)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !condition() {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("waited too long for this: %s", what)
		}
	}
}
