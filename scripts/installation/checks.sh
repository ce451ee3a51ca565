# Run by pc.sh and server.sh inside a freshly made Debian with systemd, as root. Each check is a line "PASSED what" or
# "FAILED what" with what it said; figures are "FIGURE name value unit".
cd /packages
export PIP_NO_INDEX=1 PIP_FIND_LINKS=/packages LC_ALL=C.UTF-8
now() { date +%s.%N; }
since() { python3 -c "import sys; print(round(float(sys.argv[2]) - float(sys.argv[1]), 1))" "$1" "$(now)"; }
check() { what=$1; shift; if "$@" >/tmp/check.log 2>&1; then echo "PASSED $what"; else echo "FAILED $what"; cat /tmp/check.log; fi; }
is() { [ "$1" = "$2" ] || { echo "$1, not $2"; return 1; }; }
runs() { is "$(readlink -f /opt/anagen/current)" "/opt/anagen/$1" && is "$(curl -fsS http://127.0.0.1:8000/health/ | python3 -c 'import json,sys; print(json.load(sys.stdin)["version"])')" "$1"; }
ready() { for _ in $(seq 60); do curl -fsS http://127.0.0.1:8000/health/ready >/dev/null && return 0; sleep 1; done; return 1; }
rows() { su -s /bin/sh anagen -c "/opt/anagen/current/bin/anagen shell --no-imports -c 'from clinic.audit.models import AuditEvent as e; print(e.objects.count())'"; }
key() { grep -o 'AGE-SECRET-KEY-[A-Z0-9]\{20,\}' /tmp/setup.log; }
browse() { python3 /packages/browse.py /tmp/ca.pem "$@"; }
doctors() { anagen doctor > /tmp/doctor.log; grep -x '[a-z_]\+' /tmp/doctor.log | grep -vx clock_off; }
releases() { ls /opt/anagen | grep -v '^current$' | tr '\n' ' '; }
# One line of the recipe, as it is printed; variables that it exports stay.
recipe_line() { sed -n "$1p" /packages/recipe > /tmp/line; . /tmp/line; }
answers='Lime Tree Hair Clinic\nAda Bloom\nada@example.org\nanagen.local\nAsia/Singapore\n/var/backups/anagen\n'
