package example

import (
	"context"
	"log"

	clientv3 "go.etcd.io/etcd/client/v3"
)

func spins(ctx context.Context, client *clientv3.Client) {
	changes := client.Watch(ctx, "/config", clientv3.WithPrefix())
	for {
		select {
		case <-ctx.Done():
			return
		case response := <-changes: // want OK601 error
			for _, event := range response.Events {
				log.Print(event.Type)
			}
		}
	}
}

// A compaction ends the inner loop; the next watch begins now.
func fromNow(ctx context.Context, client *clientv3.Client) {
	for {
		changes := client.Watch(ctx, "/config", clientv3.WithPrefix()) // want OK601 error
		for response := range changes {
			if response.Err() != nil {
				break
			}
			log.Print(len(response.Events))
		}
	}
}

func asks(ctx context.Context, client *clientv3.Client) error {
	changes := client.Watch(ctx, "/config")
	for {
		response := <-changes
		if err := response.Err(); err != nil {
			return err
		}
		if response.Canceled {
			return nil
		}
	}
}

func goesOn(ctx context.Context, client *clientv3.Client, revision int64) {
	for {
		changes := client.Watch(ctx, "/config", clientv3.WithRev(revision+1))
		for response := range changes {
			revision = response.Header.Revision
		}
	}
}

// It reads the state again before it goes on.
func readsAgain(ctx context.Context, client *clientv3.Client) error {
	for {
		if _, err := client.Get(ctx, "/config"); err != nil {
			return err
		}
		for response := range client.Watch(ctx, "/config") {
			log.Print(len(response.Events))
		}
	}
}
