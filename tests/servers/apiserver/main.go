// A real Kubernetes API server for custom resources, from its own module: `make apiserver`.
package main

import (
	"os"

	"k8s.io/apiextensions-apiserver/pkg/cmd/server"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/component-base/cli"
)

func main() {
	ctx := genericapiserver.SetupSignalContext()
	os.Exit(cli.Run(server.NewServerCommand(ctx, os.Stdout, os.Stderr)))
}
