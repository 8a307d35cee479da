package follower

import (
	"context"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"
)

type follower struct {
	client       *clientv3.Client
	lastRevision int64
}

func (f *follower) list(ctx context.Context) (*clientv3.GetResponse, error) {
	response, err := f.client.Get(ctx, "/config/", clientv3.WithPrefix(), clientv3.WithSerializable())
	if err != nil {
		return nil, err
	}
	if err := f.advance(response.Header.Revision); err != nil {
		return nil, err
	}
	return response, nil
}

func (f *follower) watch(ctx context.Context, apply func(*clientv3.Event)) error {
	for response := range f.client.Watch(ctx, "/config/", clientv3.WithPrefix(), clientv3.WithRev(f.lastRevision+1)) {
		if err := response.Err(); err != nil {
			return err
		}
		for _, event := range response.Events {
			apply(event)
		}
		if err := f.advance(response.Header.Revision); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// advance refuses to go back: the member is behind, or the cluster was restored from a backup.
func (f *follower) advance(revision int64) error {
	if revision < f.lastRevision {
		return fmt.Errorf("revision %d after %d", revision, f.lastRevision)
	}
	f.lastRevision = revision
	return nil
}
