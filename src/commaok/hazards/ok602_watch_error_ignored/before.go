package config

import (
	"context"

	clientv3 "go.etcd.io/etcd/client/v3"
)

type mirror struct {
	client *clientv3.Client
	values map[string][]byte
}

func (m *mirror) follow(ctx context.Context, revision int64) error {
	changes := m.client.Watch(ctx, "/config/", clientv3.WithPrefix(), clientv3.WithRev(revision+1))
	for response := range changes { // want OK602 error
		for _, event := range response.Events {
			m.values[string(event.Kv.Key)] = event.Kv.Value
		}
	}
	return ctx.Err()
}
