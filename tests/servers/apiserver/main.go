// A real Kubernetes API server for custom resources, from its own module: `make apiserver`.
//
// It answers everybody and asks nobody: for tests on loopback only. The rest of a cluster
// (authentication, authorization, admission, core resources) is left out; storage, watch cache,
// resource versions, bookmarks and 410 are Kubernetes' own.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"k8s.io/apiextensions-apiserver/pkg/cmd/server/options"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/component-base/cli"
)

func main() {
	server := options.NewCustomResourceDefinitionsServerOptions(os.Stdout, os.Stderr)
	server.RecommendedOptions.Authentication = nil
	server.RecommendedOptions.Authorization = nil
	server.RecommendedOptions.Admission = nil
	server.RecommendedOptions.Features.EnablePriorityAndFairness = false
	command := &cobra.Command{
		Use:          "apiserver",
		SilenceUsage: true,
		RunE: func(command *cobra.Command, _ []string) error {
			if address := server.RecommendedOptions.SecureServing.BindAddress; !address.IsLoopback() {
				return fmt.Errorf("--bind-address %s is not loopback, and this server answers everybody", address)
			}
			nowhere, err := kubeconfigOfNowhere()
			if err != nil {
				return err
			}
			defer os.Remove(nowhere)
			server.RecommendedOptions.CoreAPI.CoreAPIKubeconfigPath = nowhere
			config, err := server.Config()
			if err != nil {
				return err
			}
			built, err := config.Complete().New(genericapiserver.NewEmptyDelegate())
			if err != nil {
				return err
			}
			return built.GenericAPIServer.PrepareRun().RunWithContext(genericapiserver.SetupSignalContext())
		},
	}
	server.AddFlags(command.Flags())
	os.Exit(cli.Run(command))
}

// kubeconfigOfNowhere names a core API that does not exist: this server only asks it about webhooks
// of custom resources, and refuses to start without one.
func kubeconfigOfNowhere() (string, error) {
	file, err := os.CreateTemp("", "commaok-kubeconfig-")
	if err != nil {
		return "", err
	}
	defer file.Close()
	_, err = file.WriteString(`apiVersion: v1
kind: Config
clusters: [{name: nowhere, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: nowhere, context: {cluster: nowhere, user: nobody}}]
users: [{name: nobody, user: {}}]
current-context: nowhere
`)
	return file.Name(), err
}
