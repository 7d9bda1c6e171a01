#!/usr/bin/env bash
# Makes stand-ins for the images that compose.yaml names, from Debian's packages and Maven Central only. Needs root, debootstrap, a running
# Docker engine and, for Kafka's jars, Maven. What is there already is left as it is.
#
#   deploy/local-images/build.sh [python] [postgres] [kafka]      default: all of them
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python_image=${PYTHON_IMAGE:-python:3.11-slim-bookworm}
postgres_image=${POSTGRES_IMAGE:-postgres:17-bookworm}
kafka_image=${KAFKA_IMAGE:-apache/kafka:4.1.0}

made() { docker image inspect "$1" > /dev/null 2>&1; }

python() {
    made "$python_image" && return
    debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates bookworm "$work/python" > "$work/log" || { cat "$work/log"; return 1; }
    tar -C "$work/python" -c . | docker import --change 'CMD ["python3"]' - "$python_image"
}

postgres() {
    made "$postgres_image" && return
    python
    docker build --network host --build-arg BASE="$python_image" -t "$postgres_image" postgres
}

kafka() {
    made "$kafka_image" && return
    python
    mkdir -p "$work/kafka"
    cp -r kafka/. "$work/kafka/"
    mvn --quiet --file ../kafka/pom.xml dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$work/kafka/libs"
    docker build --network host --build-arg BASE="$python_image" -t "$kafka_image" "$work/kafka"
}

for image in "${@:-python postgres kafka}"; do
    for name in $image; do "$name"; done
done
docker image ls
