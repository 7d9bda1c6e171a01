#!/bin/sh
# Makes every secret of the deployed stand that is not there yet. Each service finds its own in its own volume and can read no other's:
# /secrets/<service>/database-url and /secrets/<service>/enrolment-token. PostgreSQL finds the passwords in /secrets/postgres.
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

# The user of the services in the image, and of PostgreSQL in its own.
services=10001
postgres=$(id -u postgres)

secret | keep /secrets/postgres/postgres "$postgres"
secret | keep /secrets/postgres/enrolment-token "$postgres"
for name in persons notary gateway regional-gateway provider csc portal; do
    role=$(echo "$name" | tr - _)
    secret | keep "/secrets/postgres/$role" "$postgres"
    echo "postgresql+asyncpg://$role:$(cat "/secrets/postgres/$role")@postgres:5432/$role" \
        | keep "/secrets/$name/database-url" "$services"
done
for name in pki persons notary gateway regional-gateway provider csc portal; do
    keep "/secrets/$name/enrolment-token" "$services" < /secrets/postgres/enrolment-token
    chown "$services" "/secrets/$name"
done
chown "$postgres" /secrets/postgres
