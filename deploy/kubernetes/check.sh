#!/usr/bin/env bash
# Builds the manifests as a cluster would get them, with and without every component, and lets kube-score look at them: no CRITICAL.
# Both tools are built from the Go module proxy into .tools/ (once); needs Go 1.23 or newer, or ends with a word that it is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
tools=$(cd ../.. && pwd)/.tools
kustomize=sigs.k8s.io/kustomize/kustomize/v5@v5.7.1
score=github.com/zegl/kube-score/cmd/kube-score@v1.20.0

if ! command -v go > /dev/null; then
    echo "manifests were not built and scored: no Go on this machine" >&2
    exit 0
fi
for tool in $kustomize $score; do
    name=${tool%@*}
    name=${name%/v[0-9]}
    [[ -x $tools/${name##*/} ]] || GOBIN=$tools GOFLAGS='' go install "$tool"
done

trap 'rm -rf "$work"' EXIT
work=$(mktemp -d)
cp -r . "$work/kubernetes"
printf 'components: [components/ingress, components/monitoring]\n' >> "$work/kubernetes/kustomization.yaml"
"$tools/kustomize" build . > "$work/stand.yaml"
# The jobs run beside the stand, under its policies.
{ cat "$work/stand.yaml" && echo --- && "$tools/kustomize" build jobs; } > "$work/jobs.yaml"
"$tools/kustomize" build "$work/kubernetes" > "$work/whole.yaml"
# Where the image is there already it is not asked for, which is what kube-score would have; so that one is only built.
printf 'components: [../components/local-image]\n' >> "$work/kubernetes/jobs/kustomization.yaml"
"$tools/kustomize" build "$work/kubernetes/jobs" > /dev/null
for found in stand jobs whole; do
    # It ends with 1 if anything is critical. The rest are warnings that the authority has one replica, on purpose.
    "$tools/kube-score" score --output-format ci "$work/$found.yaml" | grep -v '^\[\(OK\|SKIPPED\)\]' || ((PIPESTATUS[0] == 0))
    echo "$found: nothing critical"
done
