#!/bin/sh
# KAFKA_LOG_DIRS=… becomes log.dirs=…, as in Apache Kafka's image; the storage is formatted at the first start.
set -euf  # no globbing: Java itself expands the * of its class path
config=/opt/kafka/config/server.properties
env | grep '^KAFKA_' | grep -v '^KAFKA_HEAP_OPTS=' | while IFS='=' read -r name value; do
    echo "$(echo "${name#KAFKA_}" | tr 'A-Z_' 'a-z.')=$value"
done > "$config"
java="java ${KAFKA_HEAP_OPTS:-} -cp /opt/kafka/libs/*"
$java kafka.tools.StorageTool format --ignore-formatted --cluster-id 5L6g3nShT-eMCtK--X86sw --config "$config"
exec $java kafka.Kafka "$config"
