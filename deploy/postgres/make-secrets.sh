#!/bin/sh
# Makes every secret of the deployed stand that is not there yet. Each service finds its own in its own volume and can read no other's:
# /secrets/<service>/database-url, kafka-password, enrolment-token and operations-token, and for the gateways auditor-token. PostgreSQL finds the passwords in
# /secrets/postgres, Kafka those of the administrator and of itself in /secrets/kafka; who sets up Kafka's users finds theirs in
# /secrets/access, who brings the tables up to date all database URLs in /secrets/migration.
set -eu
umask 077

secret() { # 32 random bytes, in hexadecimal: safe in a URL, in SQL and in a shell
    od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n'
}

keep() { # keep FILE OWNER: what comes in stands in FILE from now on, unless something does already
    if [ ! -s "$1" ]; then
        cat > "$1.new"
        chown "$2" "$1.new"
        chmod 0400 "$1.new"
        mv "$1.new" "$1"
    fi
}

# The user of the services in the image, of Kafka and of PostgreSQL in theirs.
services=10001
kafka=1000
postgres=$(id -u postgres)

secret | keep /secrets/postgres/postgres "$postgres"
secret | keep /secrets/postgres/enrolment-token "$postgres"
secret | keep /secrets/postgres/operations-token "$postgres"
secret | keep /secrets/postgres/auditor-token "$postgres"
secret | keep /secrets/access/admin "$services"
keep /secrets/kafka/admin "$kafka" < /secrets/access/admin
secret | keep /secrets/kafka/broker "$kafka"
for name in persons notary gateway regional-gateway provider csc portal; do
    role=$(echo "$name" | tr - _)
    secret | keep "/secrets/postgres/$role" "$postgres"
    echo "postgresql+asyncpg://$role:$(cat "/secrets/postgres/$role")@postgres:5432/$role" \
        | keep "/secrets/$name/database-url" "$services"
    keep "/secrets/migration/$name" "$services" < "/secrets/$name/database-url"
    secret | keep "/secrets/access/$name" "$services"
    keep "/secrets/$name/kafka-password" "$services" < "/secrets/access/$name"
done
for name in pki persons notary gateway regional-gateway provider csc portal; do
    for token in enrolment-token operations-token; do
        keep "/secrets/$name/$token" "$services" < "/secrets/postgres/$token"
    done
    chown "$services" "/secrets/$name"
done
for name in gateway regional-gateway; do
    keep "/secrets/$name/auditor-token" "$services" < /secrets/postgres/auditor-token
done
chown "$postgres" /secrets/postgres
chown "$kafka" /secrets/kafka
chown "$services" /secrets/access /secrets/migration
