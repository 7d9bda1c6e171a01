#!/usr/bin/env bash
# Keeps everything the stand of deploy/compose.yaml has, and brings it back: keys, registers, databases, messages, secrets. The stand must
# be stopped, so that all of it is of one moment.
#
#   docker compose stop && deploy/backup.sh save DIR && docker compose start
#   docker compose down --volumes && deploy/backup.sh restore DIR && docker compose up --wait
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

project=${COMPOSE_PROJECT_NAME:-egov-stand}
image=${EGOV_IMAGE:-egov-stand:0.1.0}

fail() {
    printf 'backup: %s\n' "$1" >&2
    exit 1
}

in_volume() { # in_volume VOLUME FOLDER COMMAND…: run in a container that sees both, as root and without a network
    docker run --rm --network none --user 0:0 --volume "$1:/volume" --volume "$2:/backup" --entrypoint "$3" "$image" "${@:4}"
}

volumes() { docker volume ls --quiet --filter "label=com.docker.compose.project=$project" | grep -v -e _prometheus -e _grafana; }

running() { docker ps --quiet --filter "label=com.docker.compose.project=$project"; }

[[ $# == 2 && ($1 == save || $1 == restore) ]] || fail "how: deploy/backup.sh save|restore DIR"
[[ -z $(running) ]] || fail "the stand runs; stop it first"

case $1 in
save)
    mkdir -p "$2"
    folder=$(cd "$2" && pwd)
    [[ -z $(ls -A "$folder") ]] || fail "$2 is not empty"
    [[ -n $(volumes) ]] || fail "there is no stand $project"
    for volume in $(volumes); do
        in_volume "$volume" "$folder" tar --numeric-owner -C /volume -czf "/backup/${volume#"${project}"_}.tar.gz" .
    done
    # It holds every secret of the stand.
    chmod -R go= "$folder"
    ls -l "$folder"
    ;;
restore)
    folder=$(cd "$2" && pwd)
    compgen -G "$folder/*.tar.gz" > /dev/null || fail "$2 holds no backup"
    [[ -z $(volumes) ]] || fail "there are volumes of a stand; docker compose down --volumes takes them away"
    # Compose makes the volumes, so that it knows them as its own; nothing runs yet.
    docker compose --file deploy/compose.yaml up --no-start --quiet-pull > /dev/null
    for file in "$folder"/*.tar.gz; do
        name=$(basename "$file" .tar.gz)
        in_volume "${project}_$name" "$folder" sh -c "find /volume -mindepth 1 -delete && tar --numeric-owner -C /volume -xzf /backup/$name.tar.gz"
    done
    echo "restored; docker compose up --wait starts it"
    ;;
esac
