"""Apache Kafka without Docker: one real node from the jars of Maven Central, for local work, tests and CI."""
