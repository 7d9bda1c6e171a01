#!/bin/bash
# For the health check of a container: 0 if the service on EGOV_HEALTH_PORT says that it is ready, else 1, with what it says.
# It runs every few seconds in every container, so it is no Python program: starting one costs thirty times as much.
exec 3<> "/dev/tcp/127.0.0.1/${EGOV_HEALTH_PORT:-8101}" || exit 1
printf 'GET /readyz HTTP/1.0\r\n\r\n' >&3
answer=$(timeout 4 cat <&3)
[[ $answer == HTTP/1.?' 200 '* ]] && exit 0
printf '%s\n' "${answer:-no answer}"
exit 1
