package kv

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// PutNewest is Put for one of the keys of an owner, of which store keeps the newest ones: putting
// one more than most deletes the oldest. It bounds what one owner can make the store hold. owner is
// printable ASCII. Keys are counted anew for each span, which is at least lifetime; around its end
// an owner may have up to twice as many.
func PutNewest(
	ctx context.Context, store Store, owner string, most int, span time.Duration,
	key string, value []byte, lifetime time.Duration,
) error {
	n, _, err := store.Increment(ctx, "newest/"+owner, 1, span)
	if err != nil {
		return err
	}
	place := fmt.Sprintf("newest/%s/%d", owner, n%most)
	if n > most {
		oldest, err := store.Get(ctx, place)
		switch {
		case errors.Is(err, ErrNotFound): // it has expired
		case err != nil:
			return err
		default:
			if err := store.Delete(ctx, string(oldest)); err != nil {
				return err
			}
		}
	}
	if err := store.Put(ctx, place, []byte(key), lifetime); err != nil {
		return err
	}
	return store.Put(ctx, key, value, lifetime)
}
