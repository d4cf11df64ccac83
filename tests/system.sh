#!/usr/bin/env bash
# Install those of the Debian packages named as arguments that are missing: bubblewrap and libseccomp2
# (the sandbox), chromium-headless-shell (browser tests), postgresql (the tests start a server of their
# own).
# Only root can install; anybody else is told what is missing. Exit code 1 if an installation failed.
set -u

ROOT=${SYSTEM_ROOT:-} # tests put a folder before the absolute paths below
NO_SERVICE=$ROOT/etc/postgresql-common/createcluster.d/no-service.conf

can_install() {
  command -v apt-get && [ "$(id -u)" = 0 ]
} >/dev/null

is_ubuntu() {
  grep -qsE '^ID(_LIKE)?=.*\bubuntu\b' "$ROOT/etc/os-release"
}

is_there() {
  case $1 in
    bubblewrap) command -v bwrap ;;
    libseccomp2) PATH=$PATH:/usr/sbin:/sbin ldconfig -p | grep -F libseccomp.so.2 ;;
    # Its tests run in the whole Chromium, too, which only needs more of the processor.
    chromium-headless-shell)
      command -v chromium-headless-shell || command -v google-chrome ||
        { command -v chromium && { is_ubuntu || ! can_install; }; }
      ;;
    postgresql) command -v initdb || compgen -G "$ROOT/usr/lib/postgresql/*/bin/initdb" ;;
  esac >/dev/null 2>&1
}

missing=()
for package in "$@"; do
  if is_there "$package"; then
    continue
  elif [ "$package" = chromium-headless-shell ] && is_ubuntu; then
    echo "Ubuntu has no chromium package, so browser tests are skipped. For them, download Chrome's" \
      ".deb from google.com/chrome: sudo apt-get install ./google-chrome-stable_current_amd64.deb"
  else
    missing+=("$package")
  fi
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! can_install; then
  how="with this system's package manager"
  command -v apt-get >/dev/null && how="with: sudo apt-get install ${missing[*]}"
  echo "Missing: ${missing[*]}; tests that need them are skipped. Install $how"
  exit 0
fi

export DEBIAN_FRONTEND=noninteractive
trap 'rm -f "$NO_SERVICE"' EXIT
failed=()
apt-get update -qq </dev/null >/dev/null
for package in "${missing[@]}"; do # one by one: what cannot be had must not block the others
  if [ "$package" = postgresql ]; then # Debian would start one as a service
    mkdir -p "$(dirname "$NO_SERVICE")" && echo "create_main_cluster = false" >"$NO_SERVICE"
  fi
  apt-get install -y -qq "$package" </dev/null >/dev/null && continue
  if [ "$package" = chromium-headless-shell ]; then # an older Debian has the whole one alone
    { command -v chromium || apt-get install -y -qq chromium </dev/null; } >/dev/null && continue
  fi
  failed+=("$package")
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "apt-get could not install ${failed[*]}; its reasons stand above." >&2
  exit 1
fi
