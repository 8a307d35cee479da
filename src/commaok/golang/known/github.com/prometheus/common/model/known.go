package model

type LabelName string

type LabelValue string

type LabelSet map[LabelName]LabelValue

type Metric LabelSet

type Time int64

type SampleValue float64

type Sample struct {
	Metric    Metric
	Value     SampleValue
	Timestamp Time
}

type Samples []*Sample

type Vector []*Sample

type Matrix []*SampleStream
