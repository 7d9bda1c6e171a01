#!/bin/sh
# As the script of this name in Apache Kafka, which writes its log to the standard output too.
set -f  # no globbing: Java itself expands the * of its class path
# shellcheck disable=SC2086 — several options in one variable
exec java ${KAFKA_HEAP_OPTS:-} ${KAFKA_LOG4J_OPTS:-} -cp '/opt/kafka/libs/*' kafka.Kafka "$@"
