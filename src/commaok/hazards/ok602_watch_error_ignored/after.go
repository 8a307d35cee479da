package config

import (
	"context"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"
)

type mirror struct {
	client *clientv3.Client
	values map[string][]byte
}

func (m *mirror) follow(ctx context.Context, revision int64) error {
	changes := m.client.Watch(ctx, "/config/", clientv3.WithPrefix(), clientv3.WithRev(revision+1))
	for response := range changes {
		if err := response.Err(); err != nil {
			return fmt.Errorf("read /config/ again, history begins at %d: %w", response.CompactRevision, err)
		}
		for _, event := range response.Events {
			m.values[string(event.Kv.Key)] = event.Kv.Value
		}
	}
	return ctx.Err()
}
