#!/bin/sh
# Starts the node of deploy/compose.yaml: server.properties beside this script, with the secrets from /run/secrets-made. At the first
# start the storage is formatted with one user, the administrator; the container kafka-access makes the others.
set -eu
umask 077
here=$(dirname "$0")
config=/tmp/server.properties
admin=$(cat /run/secrets-made/admin)
broker=$(cat /run/secrets-made/broker)
module=org.apache.kafka.common.security.plain.PlainLoginModule
{
    cat "$here/server.properties"
    for listener in broker controller; do
        echo "listener.name.$listener.plain.sasl.jaas.config=$module required username=broker password=\"$broker\" user_broker=\"$broker\";"
    done
    echo "advertised.listeners=SYSTEMS://kafka:9092,HOST://127.0.0.1:${HOST_PORT:-19092},BROKER://127.0.0.1:9094"
} > "$config"
# Java's log goes to the standard output; nothing but the data is written to a disk.
export LOG_DIR=/tmp EXTRA_ARGS='-name kafkaServer' KAFKA_LOG4J_OPTS="-Dlog4j2.configurationFile=$here/log4j2.properties"
# Storage that is there is left as it is.
/opt/kafka/bin/kafka-storage.sh format --ignore-formatted --cluster-id 5L6g3nShT-eMCtK--X86sw --config "$config" \
    --add-scram "SCRAM-SHA-512=[name=admin,password=$admin]"
exec /opt/kafka/bin/kafka-server-start.sh "$config"
