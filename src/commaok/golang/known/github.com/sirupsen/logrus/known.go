package logrus

type Fields map[string]interface{}
