# Sends the uncommitted changes of this repository to a Coppice session; there they are confirmed before they are applied.
# Needs bash, curl and git. COPPICE_URL and COPPICE_TOKEN come with the command.
set -euo pipefail
fail() { printf 'coppice: %s\n' "$*" >&2; exit 1; }
[ -n "${COPPICE_URL:-}" ] && [ -n "${COPPICE_TOKEN:-}" ] || fail 'Copy the whole command from the session in Coppice.'
command -v curl >/dev/null || fail 'curl is not installed. Nothing was sent.'
top=$(git rev-parse --show-toplevel 2>/dev/null) || fail 'This is no git repository. Go to the folder that "Open in IDE" made.'
cd "$top"
if [ -z "$(git status --porcelain)" ]; then
  printf 'Nothing to upload: there are no uncommitted changes in %s. The command can be used once more.\n' "$top"
  exit 0
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/coppice.XXXXXX")
trap 'rm -rf "$work"' EXIT

# All that is not committed as one tree, by an index of our own: yours is not touched.
cp "$(git rev-parse --git-path index)" "$work/index" 2>/dev/null || true
export GIT_INDEX_FILE="$work/index"
git add --all -- :/
tree=$(git write-tree)
difference() { git diff --no-renames --no-ext-diff --name-only -z --diff-filter="$1" --output="$2" HEAD "$tree"; }
difference d "$work/changed"
difference D "$work/deleted"
mkdir -p "$work/out/.coppice-upload"
git -c core.autocrlf=false checkout-index -z --stdin --prefix="$work/out/" <"$work/changed"
cp "$work/deleted" "$work/out/.coppice-upload/deleted"
unset GIT_INDEX_FILE

cd "$work/out"
git init --quiet
printf '* -export-ignore -export-subst -text -filter\n' >.git/info/attributes
git -c core.autocrlf=false -c core.safecrlf=false add --all --force
git archive --format=zip --output="$work/upload.zip" "$(git write-tree)"

status=$(printf 'Authorization: Bearer %s\n' "$COPPICE_TOKEN" |
  curl -sS -X POST -H @- -H 'Content-Type: application/zip' --data-binary "@$work/upload.zip" -o "$work/answer" -w '%{http_code}' "$COPPICE_URL/ide/upload") ||
  fail 'The upload broke off. Nothing was applied; get a new command from the session.'
[ "$status" = 200 ] || fail "$(cat "$work/answer")"
cat "$work/answer"
printf '\n'
