# Sourced by every command in script/: where things are, and how to run them without being root.
# shellcheck shell=bash
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
cd "$root"
python="$root/.venv/bin/python"
worker=proxy # Debian's own account for proxies: exists on every installation and owns nothing of value

# All that programs leave behind goes to var/, so that a checkout owned by root serves an unprivileged worker too.
export PYTHONPYCACHEPREFIX="$root/var/pycache"
unset PYTHONDONTWRITEBYTECODE # without bytecode every start compiles Django anew, which takes seconds
export RUFF_CACHE_DIR="$root/var/ruff"
export HYPOTHESIS_STORAGE_DIRECTORY="$root/var/hypothesis"
export PYTHONPATH="$root/src"
export DJANGO_SETTINGS_MODULE="${DJANGO_SETTINGS_MODULE:-darbaza.portal.settings}"
export LC_ALL=C.UTF-8

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }
is_root() { [ "$(id -u)" = 0 ]; }

# Give var/ to the worker; only what is not his already, so that a second start costs milliseconds.
hand_over_var() {
  mkdir -p var/home var/log
  if is_root; then
    find var ! -user "$worker" -exec chown -h "$worker:$worker" {} +
  elif [ ! -w var ] || [ ! -w var/log ]; then
    die "\`$root/var\` belongs to another account (was this started as root before?): remove it, or be that account"
  fi
}

# Run a command as an unprivileged worker. Engines, PostgreSQL and Chromium refuse root or should not have it; the one
# capability left lets the worker read a checkout that lies in root's own folders.
as_worker() {
  if is_root; then
    setpriv --reuid "$worker" --regid "$worker" --clear-groups --inh-caps +dac_read_search \
      --ambient-caps +dac_read_search env -u XDG_RUNTIME_DIR HOME="$root/var/home" "$@"
  else
    "$@"
  fi
}

# As as_worker, in place of this shell: signals reach the command itself.
exec_as_worker() {
  if is_root; then
    exec setpriv --reuid "$worker" --regid "$worker" --clear-groups --inh-caps +dac_read_search \
      --ambient-caps +dac_read_search env -u XDG_RUNTIME_DIR HOME="$root/var/home" "$@"
  fi
  exec "$@"
}

# Run a command as the worker in a network and a /run of its own, in which it may make further networks (ip netns): the
# lab's and the packet filter's tests. As root: with the capabilities that needs, and no others. As anybody else: in a
# user namespace. Nothing of it reaches this machine's own network, and all of it goes with its last process.
in_own_network() {
  # shellcheck disable=SC2016 # the inner shell expands it
  local prepare='mount -t tmpfs -o "mode=755$1" tmpfs /run && ip link set lo up && shift && exec "$@"'
  if is_root; then
    unshare --net --mount --propagation private -- sh -c "$prepare" sh ",uid=$worker,gid=$worker" \
      setpriv --reuid "$worker" --regid "$worker" --clear-groups --inh-caps "$network_caps" \
      --ambient-caps "$network_caps" env -u XDG_RUNTIME_DIR HOME="$root/var/home" "$@"
  else
    unshare --user --map-current-user --keep-caps --net --mount -- sh -c "$prepare" sh "" "$@"
  fi
}
network_caps=+dac_read_search,+net_admin,+net_raw,+net_bind_service,+sys_admin
