#!/bin/sh
# One role and one database for each service; nobody else may connect to it. PostgreSQL's image runs this once, on an empty cluster.
set -eu
for name in persons notary gateway regional_gateway provider csc portal; do
    psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 -v name="$name" -v password="$(cat "/run/secrets-made/$name")" \
        --username postgres <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
