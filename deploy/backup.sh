#!/usr/bin/env bash
# Keeps everything the stand of deploy/compose.yaml has, and brings it back: keys, registers, databases, messages, secrets, and what the
# overlays keep (numbers of Prometheus). The stand must be stopped, so that all of it is of one moment. Which stand, which overlays and
# which image: as Compose reads it, from .env and from the environment.
#
#   docker compose stop && deploy/backup.sh save DIR && docker compose start
#   docker compose down --volumes && deploy/backup.sh restore DIR && docker compose up --wait
set -euo pipefail

fail() {
    printf 'backup: %s\n' "$1" >&2
    exit 1
}

[[ $# == 2 && ($1 == save || $1 == restore) ]] || fail "how: deploy/backup.sh save|restore DIR"
# DIR is seen from where the script is called.
if [[ $1 == save ]]; then mkdir -p "$2"; fi
[[ -d $2 ]] || fail "there is no folder $2"
folder=$(cd "$2" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/.."

compose() {
    # Named with --file, Compose looks for .env beside that file and not here.
    if [[ -n ${COMPOSE_FILE:-} ]] || grep -qs '^[[:space:]]*\(export[[:space:]]\+\)\?COMPOSE_FILE[[:space:]]*=' .env; then
        docker compose "$@"
    elif [[ -f .env ]]; then
        docker compose --env-file .env --file deploy/compose.yaml "$@"
    else
        docker compose --file deploy/compose.yaml "$@"
    fi
}

settings=$(compose config) || fail "Compose does not take its files"
project=$(awk '/^name:/ { print $2; exit }' <<< "$settings")
image=$(awk '/^  pki:$/ { here = 1; next } here && /^  [^ ]/ { exit } here && /^    image:/ { print $2; exit }' <<< "$settings")
[[ -n $project && -n $image ]] || fail "Compose names no project, or no image of pki"

in_volume() { # in_volume VOLUME FOLDER COMMAND…: run in a container that sees both, as root and without a network
    docker run --rm --network none --user 0:0 --volume "$1:/volume" --volume "$2:/backup" --entrypoint "$3" "$image" "${@:4}"
}

volumes() { docker volume ls --quiet --filter "label=com.docker.compose.project=$project"; }

running() { docker ps --quiet --filter "label=com.docker.compose.project=$project"; }

up=$(running)
there=$(volumes)
[[ -z $up ]] || fail "the stand $project runs; stop it first"

case $1 in
save)
    [[ -z $(ls -A "$folder") ]] || fail "$2 is not empty"
    [[ -n $there ]] || fail "there is no stand $project"
    # It will hold every secret of the stand.
    chmod go= "$folder"
    for volume in $there; do
        in_volume "$volume" "$folder" tar --numeric-owner -C /volume -czf "/backup/${volume#"${project}"_}.tar.gz" .
    done
    # Written last: what was broken off is no backup.
    (cd "$folder" && sha256sum -- *.tar.gz > SHA256SUMS)
    chmod -R go= "$folder"
    ls -l "$folder"
    ;;
restore)
    [[ -f $folder/SHA256SUMS ]] || fail "$2 holds no backup, or one that was broken off"
    (cd "$folder" && sha256sum --check --quiet SHA256SUMS >&2) || fail "the backup in $2 is damaged"
    [[ -z $there ]] || fail "there are volumes of a stand $project; docker compose down --volumes takes them away"
    # Compose makes the volumes, so that it knows them as its own; nothing runs yet.
    compose up --no-start --quiet-pull > /dev/null
    there=$(volumes)
    for file in "$folder"/*.tar.gz; do
        name=$(basename "$file" .tar.gz)
        if ! grep -qxF "${project}_$name" <<< "$there"; then
            # Of an overlay that is not named now: it is there when it is again.
            docker volume create --label "com.docker.compose.project=$project" --label "com.docker.compose.volume=$name" \
                "${project}_$name" > /dev/null
        fi
        in_volume "${project}_$name" "$folder" sh -c "find /volume -mindepth 1 -delete && tar --numeric-owner -C /volume -xzf '/backup/$name.tar.gz'"
    done
    echo "restored; docker compose up --wait starts it"
    ;;
esac
