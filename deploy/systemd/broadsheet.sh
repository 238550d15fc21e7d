#!/bin/sh
# Runs a command with the settings and secrets of the units. For root: install -m 755 broadsheet.sh /usr/local/sbin/broadsheet
#   broadsheet doctor
set -eu

if [ -n "${BROADSHEET_IN_UNIT:-}" ]; then
  for file in "$CREDENTIALS_DIRECTORY"/*; do
    case "${file##*/}" in
      database-url) export DATABASE_URL_FILE="$file" ;;
      smtp-url) export SMTP_URL_FILE="$file" ;;
      broadsheet-secret) export BROADSHEET_SECRET_FILE="$file" ;;
    esac
  done
  exec /usr/bin/node dist/src/cli/main.js "$@"
fi

# Each secret that there is. Without database-url it is the embedded Postgres, as for the units.
credentials=
for file in /etc/broadsheet/secrets/*; do
  credentials="$credentials --property=LoadCredential=${file##*/}:$file"
done
# shellcheck disable=SC2086
exec systemd-run --quiet --collect --wait --pipe --pty --service-type=exec \
  --uid=broadsheet --gid=broadsheet --working-directory=/opt/broadsheet \
  --property=EnvironmentFile=/etc/broadsheet/broadsheet.env $credentials \
  --setenv=BROADSHEET_IN_UNIT=1 --setenv=NODE_ENV=production --setenv=BROADSHEET_HOME=/var/lib/broadsheet \
  -- /bin/sh /opt/broadsheet/deploy/systemd/broadsheet.sh "$@"
