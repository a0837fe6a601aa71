// Package deploy has tests only: Kubernetes and Compose read the files in the folder deploy with
// their own code, so that an unknown or misspelt field is an error.
package deploy

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func TestComposeReadsItsExample(t *testing.T) {
	options, err := cli.NewProjectOptions([]string{"../compose.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := project.ServiceNames(), []string{"ocsso", "redis"}; !slices.Equal(slices.Sorted(slices.Values(got)), want) {
		t.Errorf("got the services %q, want %q", got, want)
	}
	for name, service := range project.Services {
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s: port %s is open to other machines, past the host's firewall", name, port.Published)
			}
		}
	}
}

// build returns what kubectl apply -k would send, decoded into the types of Kubernetes.
func build(t *testing.T) []runtime.Object {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../kubernetes")); err != nil {
		t.Fatal(err)
	}
	os.RemoveAll(filepath.Join(dir, "secrets")) // those of whoever tries the example here
	if err := os.Mkdir(filepath.Join(dir, "secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"organization-key", "session-keys", "redis-password", "members.yaml"} {
		if err := os.WriteFile(filepath.Join(dir, "secrets", name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		t.Fatal(err)
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		appsv1.AddToScheme, corev1.AddToScheme, networkingv1.AddToScheme, policyv1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	var objects []runtime.Object
	for _, resource := range resources.Resources() {
		text, err := resource.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		object, _, err := decoder.Decode(bytes.TrimSpace(text), nil, nil)
		if err != nil {
			t.Errorf("%s: %v", resource.CurId(), err)
			continue
		}
		objects = append(objects, object)
	}
	return objects
}

// of returns the objects of one type by their names.
func of[T metav1.Object](objects []runtime.Object) map[string]T {
	named := map[string]T{}
	for _, object := range objects {
		if object, ok := object.(T); ok {
			named[object.GetName()] = object
		}
	}
	return named
}

// pods returns the templates of all pods by the names of their deployments and stateful sets.
func pods(objects []runtime.Object) map[string]corev1.PodTemplateSpec {
	templates := map[string]corev1.PodTemplateSpec{}
	for name, deployment := range of[*appsv1.Deployment](objects) {
		templates[name] = deployment.Spec.Template
	}
	for name, set := range of[*appsv1.StatefulSet](objects) {
		templates[name] = set.Spec.Template
	}
	return templates
}

// selected returns the names of the pods that a selector matches.
func selected(t *testing.T, objects []runtime.Object, by *metav1.LabelSelector) (names []string) {
	t.Helper()
	selector, err := metav1.LabelSelectorAsSelector(by)
	if err != nil {
		t.Fatal(err)
	}
	for name, pod := range pods(objects) {
		if selector.Matches(labels.Set(pod.Labels)) {
			names = append(names, name)
		}
	}
	return names
}

func TestKubernetesReadsItsExample(t *testing.T) {
	kinds := map[string]int{}
	for _, object := range build(t) {
		kinds[object.GetObjectKind().GroupVersionKind().Kind]++
	}
	want := map[string]int{
		"Namespace": 1, "ConfigMap": 1, "Secret": 1, "Deployment": 1, "StatefulSet": 1, "Service": 3, "Ingress": 2,
		"NetworkPolicy": 2, "PodDisruptionBudget": 1,
	}
	if !maps.Equal(kinds, want) {
		t.Errorf("got %v, want %v", kinds, want)
	}
}

// TestPodsKeepToTheRestrictedStandard asks the code of the admission controller. The namespace
// enforces this standard.
func TestPodsKeepToTheRestrictedStandard(t *testing.T) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	for name, pod := range pods(build(t)) {
		for _, result := range evaluator.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec) {
			if !result.Allowed {
				t.Errorf("%s: %s: %s", name, result.ForbiddenReason, result.ForbiddenDetail)
			}
		}
		if user := pod.Spec.SecurityContext.RunAsUser; user == nil || *user < 10000 {
			t.Errorf("%s: got the user %v, want one above those of nodes", name, user)
		}
		for _, container := range pod.Spec.Containers {
			if root := container.SecurityContext.ReadOnlyRootFilesystem; root == nil || !*root {
				t.Errorf("%s: the root file system can be written", name)
			}
		}
	}
}

// TestEverySelectorFindsItsPods compares what refers to pods with the pods.
func TestEverySelectorFindsItsPods(t *testing.T) {
	objects := build(t)
	for name, service := range of[*corev1.Service](objects) {
		name := strings.TrimSuffix(name, "-admin")
		if got := selected(t, objects, &metav1.LabelSelector{MatchLabels: service.Spec.Selector}); !slices.Equal(got, []string{name}) {
			t.Errorf("service %s: got the pods of %q", name, got)
			continue
		}
		for _, port := range service.Spec.Ports {
			if ports := pods(objects)[name].Spec.Containers[0].Ports; !slices.ContainsFunc(ports, func(p corev1.ContainerPort) bool {
				return p.Name == port.TargetPort.StrVal
			}) {
				t.Errorf("service %s: got no port %s in %v", name, port.TargetPort.StrVal, ports)
			}
		}
	}
	for name, policy := range of[*networkingv1.NetworkPolicy](objects) {
		if got := selected(t, objects, &policy.Spec.PodSelector); !slices.Equal(got, []string{name}) {
			t.Errorf("network policy %s: got the pods of %q", name, got)
		}
	}
	for name, budget := range of[*policyv1.PodDisruptionBudget](objects) {
		if got := selected(t, objects, budget.Spec.Selector); !slices.Equal(got, []string{name}) {
			t.Errorf("disruption budget %s: got the pods of %q", name, got)
		}
	}
	for name, deployment := range of[*appsv1.Deployment](objects) {
		if got := selected(t, objects, deployment.Spec.Selector); !slices.Equal(got, []string{name}) {
			t.Errorf("deployment %s: got the pods of %q", name, got)
		}
		for _, spread := range deployment.Spec.Template.Spec.TopologySpreadConstraints {
			if got := selected(t, objects, spread.LabelSelector); !slices.Equal(got, []string{name}) {
				t.Errorf("deployment %s: spreads with the pods of %q", name, got)
			}
		}
	}
	for name, ingress := range of[*networkingv1.Ingress](objects) {
		for _, path := range ingress.Spec.Rules[0].HTTP.Paths {
			backend := path.Backend.Service
			service := of[*corev1.Service](objects)[backend.Name]
			if service == nil || service.Spec.Ports[0].Name != backend.Port.Name {
				t.Errorf("ingress %s: got no port %s in service %s", name, backend.Port.Name, backend.Name)
			}
		}
		if ingress.Spec.IngressClassName == nil || ingress.Annotations["nginx.ingress.kubernetes.io/enable-access-log"] != "false" {
			t.Errorf("ingress %s: got no class, or a log, which would have tokens", name)
		}
	}
}

// TestTheServerReachesItsStore which may be outside of the cluster, and members reach the server
// through the ingress controller alone: it trusts what that one says of them.
func TestTheServerReachesItsStore(t *testing.T) {
	objects := build(t)
	policy := of[*networkingv1.NetworkPolicy](objects)["ocsso"].Spec
	if !slices.ContainsFunc(policy.Egress, func(rule networkingv1.NetworkPolicyEgressRule) bool {
		return len(rule.To) == 0 && slices.ContainsFunc(rule.Ports, func(p networkingv1.NetworkPolicyPort) bool {
			return p.EndPort != nil && p.Port.IntVal <= 6379 && *p.EndPort >= 6379
		})
	}) {
		t.Error("a managed Redis can't be reached")
	}
	for _, rule := range policy.Ingress {
		if len(rule.From) == 0 {
			t.Errorf("anybody in the cluster reaches %v", rule.Ports)
		}
	}
	redis, secret := pods(objects)["redis"].Spec.Containers[0], of[*corev1.Secret](objects)
	from := redis.Env[0].ValueFrom.SecretKeyRef
	if secret[from.Name] == nil || string(secret[from.Name].Data[from.Key]) != "redis-password" {
		t.Errorf("got no password for Redis in %v", from)
	}
}

// TestEveryVolumeHasItsFiles compares the volumes with the ConfigMaps and Secrets.
func TestEveryVolumeHasItsFiles(t *testing.T) {
	objects := build(t)
	for _, volume := range pods(objects)["ocsso"].Spec.Volumes {
		switch {
		case volume.ConfigMap != nil:
			if of[*corev1.ConfigMap](objects)[volume.ConfigMap.Name] == nil {
				t.Errorf("volume %s: got no ConfigMap %s", volume.Name, volume.ConfigMap.Name)
			}
		case volume.Secret != nil:
			if of[*corev1.Secret](objects)[volume.Secret.SecretName] == nil {
				t.Errorf("volume %s: got no Secret %s", volume.Name, volume.Secret.SecretName)
			}
		default:
			t.Errorf("volume %s: want a ConfigMap or a Secret", volume.Name)
		}
	}
}
