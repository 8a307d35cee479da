package example

import (
	"context"
	"log"

	clientv3 "go.etcd.io/etcd/client/v3"
)

func ignores(ctx context.Context, client *clientv3.Client) {
	for response := range client.Watch(ctx, "/a") { // want OK602 warning
		for _, event := range response.Events {
			log.Print(event.Type)
		}
	}
}

func reopens(ctx context.Context, client *clientv3.Client) {
	for ctx.Err() == nil {
		changes := client.Watch(ctx, "/a")
		for response := range changes { // want OK602 error
			for _, event := range response.Events {
				log.Print(event.Type)
			}
		}
	}
}

func received(ctx context.Context, changes clientv3.WatchChan) {
	for {
		select {
		case <-ctx.Done():
			return
		case response, ok := <-changes: // want OK602 warning
			if !ok {
				return
			}
			log.Print(len(response.Events))
		}
	}
}

func asks(changes clientv3.WatchChan) error {
	for response := range changes {
		if response.Canceled {
			return response.Err()
		}
		log.Print(len(response.Events))
	}
	return nil
}

func passes(changes clientv3.WatchChan, handle func(clientv3.WatchResponse)) {
	for response := range changes {
		handle(response)
		log.Print(len(response.Events))
	}
}

// Only a signal: what has changed is read anew.
func signal(changes clientv3.WatchChan, reload func()) {
	for range changes {
		reload()
	}
}
