# Opens a Coppice session in a local editor: downloads its worktree, extracts it here, opens the folder.
# Needs bash, curl, and one of unzip, bsdtar, python3. COPPICE_URL and COPPICE_TOKEN come with the command.
set -euo pipefail
fail() { printf 'coppice: %s\n' "$*" >&2; exit 1; }
[ -n "${COPPICE_URL:-}" ] && [ -n "${COPPICE_TOKEN:-}" ] || fail 'Copy the whole command from the session in Coppice.'
command -v curl >/dev/null || fail 'curl is not installed. Nothing was downloaded.'
work=$(mktemp -d "${TMPDIR:-/tmp}/coppice.XXXXXX")
trap 'rm -rf "$work"' EXIT

# The token stands in no argument: other users of this machine see those.
status=$(printf 'Authorization: Bearer %s\n' "$COPPICE_TOKEN" |
  curl -sS -X POST -H @- -o "$work/session.zip" -w '%{http_code}' "$COPPICE_URL/ide/open") ||
  fail 'The download broke off. Nothing was opened; get a new command from the session.'
[ "$status" = 200 ] || fail "$(cat "$work/session.zip")"

# Names that are not ASCII come out right only in such a locale.
case "${LC_ALL:-${LC_CTYPE:-${LANG:-}}}" in *[Uu][Tt][Ff]*) ;; *) export LC_ALL=C.UTF-8 ;; esac
mkdir "$work/out"
if command -v unzip >/dev/null; then unzip -q "$work/session.zip" -d "$work/out"
elif tar --version 2>/dev/null | grep -q bsdtar; then tar -xf "$work/session.zip" -C "$work/out"
elif command -v python3 >/dev/null; then python3 - "$work/session.zip" "$work/out" <<'PY'
import os, stat, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    for entry in archive.infolist():
        mode = entry.external_attr >> 16
        if stat.S_ISLNK(mode):
            path = os.path.join(sys.argv[2], entry.filename)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.symlink(archive.read(entry).decode(), path)
        else:
            path = archive.extract(entry, sys.argv[2])
            if mode: os.chmod(path, mode & 0o777)
PY
else fail 'There is no program here that extracts a zip. Install unzip, then get a new command from the session.'
fi

name=$(ls "$work/out")
target="$PWD/$name"
count=2
while [ -e "$target" ]; do target="$PWD/$name-$count"; count=$((count + 1)); done
mv "$work/out/$name" "$target"

for ide in "${COPPICE_IDE:-}" code cursor zed idea; do
  if [ -n "$ide" ] && command -v "$ide" >/dev/null 2>&1; then
    "$ide" "$target" && printf 'Opened in %s: %s\n' "$ide" "$target" && exit 0
  fi
done
printf '%s\n' "$target"
