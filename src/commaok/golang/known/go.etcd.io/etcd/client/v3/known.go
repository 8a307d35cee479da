package clientv3

import (
	"go.etcd.io/etcd/api/v3/mvccpb"
)

type GetResponse struct {
	Kvs   []*mvccpb.KeyValue
	More  bool
	Count int64
}

type Event struct {
	Type   mvccpb.Event_EventType
	Kv     *mvccpb.KeyValue
	PrevKv *mvccpb.KeyValue
}

type WatchResponse struct {
	Events          []*Event
	CompactRevision int64
	Canceled        bool
	Created         bool
}

func (wr *WatchResponse) Err() error
func (wr *WatchResponse) IsProgressNotify() bool

type WatchChan <-chan WatchResponse
