#!/usr/bin/env bash
# Redis, two hub nodes and nginx in front of them, on loopback ports, in Development. Ctrl-C stops what was started here, nothing else.
#   HUB_PORT, HUB_A_PORT, HUB_B_PORT, REDIS_PORT   ports; by default 5080 or, when that is taken, any free one
#   HUB_DATA                                       a directory in which the events are kept; by default they go with the script
#   HUBSERVICE_DLL                                 a HubService.dll to run instead of building one
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
PATH=$PATH:/usr/sbin

install_servers() {
  local missing=()
  command -v redis-server >/dev/null || missing+=(redis-server)
  command -v nginx >/dev/null || missing+=(nginx)
  command -v curl >/dev/null || missing+=(curl)
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Please install: ${missing[*]}" >&2
    exit 1
  fi
  echo "Installing ${missing[*]}"
  # RUNLEVEL keeps the packages from starting a server of their own.
  DEBIAN_FRONTEND=noninteractive apt-get update -qq
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() { # those to try first, then any that is free and not among the ports taken before
  local port
  for port in "$@"; do
    is_free "$port" && echo "$port" && return
  done
  while :; do
    port=$((20000 + RANDOM % 12000))
    [[ " ${taken[*]} " != *" $port "* ]] && is_free "$port" && echo "$port" && return
  done
}

started=()
stop() {
  # A second signal must not end this before everything that was started has ended.
  trap - EXIT
  trap '' INT TERM
  echo "Stopping"
  local pid
  # In the reverse order: nobody is sent to a node that is gone, and the nodes still have their store while they drain.
  for ((i = ${#started[@]} - 1; i >= 0; i--)); do
    kill -TERM "${started[i]}" 2>/dev/null || true
    wait "${started[i]}" 2>/dev/null || true
  done
  [ -n "${HUB_DATA:-}" ] || rm -rf "$work"
}

until_true() { # pid, log, command; the command until it succeeds, at most a minute
  local pid=$1 log=$2
  shift 2
  for ((i = 0; i < 300; i++)); do
    "$@" >/dev/null 2>&1 && return
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.2
  done
  echo "It did not start:" >&2
  tail -n 20 "$log" >&2
  exit 1
}

node() { # name, port
  (
    cd "$work"
    exec env \
      ASPNETCORE_ENVIRONMENT=Development \
      ASPNETCORE_URLS="http://127.0.0.1:$2" \
      Cluster__Name="$1" \
      Streams__Store=redis \
      Redis__Connection="127.0.0.1:$redis_port" \
      Authentication__Schemes__Bearer__ValidAudience=hubservice \
      Authentication__Schemes__Bearer__SigningKeys__0__Issuer=hubservice-development \
      Authentication__Schemes__Bearer__SigningKeys__0__Value="$key" \
      dotnet "$dll"
  ) >"$work/$1.log" 2>&1 &
  started+=($!)
}

install_servers
dll=${HUBSERVICE_DLL:-$root/src/HubService/bin/Release/net10.0/HubService.dll}
[ -n "${HUBSERVICE_DLL:-}" ] || dotnet build "$root/src/HubService" -c Release -v quiet

taken=()
port=${HUB_PORT:-$(free_port 5080)}
taken+=("$port")
a_port=${HUB_A_PORT:-$(free_port)}
taken+=("$a_port")
b_port=${HUB_B_PORT:-$(free_port)}
taken+=("$b_port")
redis_port=${REDIS_PORT:-$(free_port)}
work=${HUB_DATA:-$(mktemp -d)}
mkdir -p "$work"
work=$(cd "$work" && pwd)
# The workers of nginx are somebody else.
chmod 711 "$work"
trap stop EXIT
trap 'exit 0' INT TERM

# A token of one node is good at the other, and with kept events also after the next start.
if [ ! -s "$work/key" ]; then
  (umask 077 && head -c 48 /dev/urandom | base64 -w 0 >"$work/key")
fi
key=$(cat "$work/key")

redis-server "$here/redis.conf" --port "$redis_port" --bind 127.0.0.1 --dir "$work" --daemonize no >"$work/redis.log" 2>&1 &
redis=$!
started+=("$redis")
until_true "$redis" "$work/redis.log" redis-cli -p "$redis_port" ping

node a "$a_port"
a=${started[-1]}
node b "$b_port"
b=${started[-1]}
until_true "$a" "$work/a.log" curl -fs "http://127.0.0.1:$a_port/health/ready"
until_true "$b" "$work/b.log" curl -fs "http://127.0.0.1:$b_port/health/ready"

sed -e "s/hub-a:8081/127.0.0.1:$a_port/; s/hub-b:8082/127.0.0.1:$b_port/; s/:8081\\$/:$a_port\$/; s/:8082\\$/:$b_port\$/" \
  -e "s/\*:8080/127.0.0.1:$port/; s|/tmp/|$work/nginx-|; s|/dev/stdout|$work/access.log|" "$here/nginx.conf" >"$work/nginx.conf"
nginx -p "$work" -c "$work/nginx.conf" -g 'daemon off;' >"$work/nginx.log" 2>&1 &
nginx=$!
started+=("$nginx")
until_true "$nginx" "$work/nginx.log" curl -fs "http://127.0.0.1:$port/health/ready"

cat <<END

http://localhost:$port   nginx, in front of two nodes (its log: $work/access.log)
  node a   http://127.0.0.1:$a_port   pid $a   $work/a.log
  node b   http://127.0.0.1:$b_port   pid $b   $work/b.log
  redis    127.0.0.1:$redis_port   pid $redis

Open it, then end a node, e.g. kill -9 $b: the page goes on with the other one. Ctrl-C stops everything.
END

wait -n "$redis" "$nginx" || true
echo "Redis or nginx ended; see $work" >&2
exit 1
