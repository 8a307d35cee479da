package follower

import (
	"context"

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
	f.lastRevision = response.Header.Revision // want OK403 error
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
		f.lastRevision = response.Header.Revision // want OK403 error
	}
	return ctx.Err()
}
