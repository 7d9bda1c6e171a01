#!/bin/sh
# As the script of this name in Apache Kafka.
set -f  # no globbing: Java itself expands the * of its class path
exec java -Xmx128m -cp '/opt/kafka/libs/*' kafka.tools.StorageTool "$@"
