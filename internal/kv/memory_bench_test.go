package kv_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"ocsso/internal/kv"
	"ocsso/internal/kv/kvtest"
)

// million is how many entries the benchmarks of size and of expiry hold.
const million = 1_000_000

func BenchmarkMemory(b *testing.B) { kvtest.BenchmarkStore(b, kv.NewMemory(time.Now)) }

// BenchmarkMemoryEntry reports what each of a million entries costs on top of its key and its value.
func BenchmarkMemoryEntry(b *testing.B) {
	keys, c := manyKeys(), newClock()
	for b.Loop() {
		before := heapInUse()
		m := kv.NewMemory(c.now)
		putAll(b, m, keys)
		b.ReportMetric(float64(heapInUse()-before)/million, "bytes/entry")
		runtime.KeepAlive(m)
	}
}

// BenchmarkMemoryExpiry reports the longest call, in milliseconds, while a million entries that ended together are removed.
func BenchmarkMemoryExpiry(b *testing.B) {
	keys := manyKeys()
	var longest time.Duration
	for b.Loop() {
		c := newClock()
		m := kv.NewMemory(c.now)
		putAll(b, m, keys)
		c.pass(time.Hour)
		runtime.GC() // or the garbage of putAll would be collected in what is measured
		for m.Len() > 1 {
			start := time.Now()
			if err := m.Put(context.Background(), "new", nil, time.Hour); err != nil {
				b.Fatal(err)
			}
			longest = max(longest, time.Since(start))
		}
	}
	b.ReportMetric(float64(longest)/float64(time.Millisecond), "max-pause-ms")
}

func manyKeys() []string {
	keys := make([]string, million)
	for i := range keys {
		keys[i] = fmt.Sprintf("session/%026d", i)
	}
	return keys
}

func putAll(b *testing.B, m *kv.Memory, keys []string) {
	b.Helper()
	for _, key := range keys {
		if err := m.Put(context.Background(), key, nil, time.Hour); err != nil {
			b.Fatal(err)
		}
	}
}

// heapInUse is in bytes, after a collection.
func heapInUse() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
