# The recipe "A PC" of docs/operations.md, run by scripts/installation/trial.py.
. /packages/checks.sh

# The lines of docs/operations.md, A PC, as they are printed; the answers are typed in.
start=$(now)
for line in 1 2 3; do recipe_line $line || echo "FAILED line $line of the recipe"; done
echo "FIGURE install $(since "$start") s"
began=$(now)
printf "$answers" | recipe_line 4 > /tmp/setup.log 2>&1 || echo "FAILED setup"
cat /tmp/setup.log
echo "FIGURE questions $(grep -c '^  > \|^  \[' /tmp/setup.log) of_6"
first=$(basename "$(readlink -f /opt/anagen/current)")
echo "FIGURE setup $(since "$began") s"

echo "127.0.0.1 anagen.local" >> /etc/hosts
check "service and timers run" systemctl is-active anagen.service caddy.service anagen-sweep.timer anagen-backup.timer anagen-audit-verify.timer anagen-photos-verify.timer
ready
curl -sS -o /tmp/ca.der http://anagen.local/ca.crt && openssl x509 -inform der -in /tmp/ca.der -out /tmp/ca.pem
check "first page over HTTPS, by the certificate of the page" curl -fsSL --cacert /tmp/ca.pem https://anagen.local/ -o /tmp/first.html
check "it is the sign-in page" grep -q 'Sign in' /tmp/first.html
link=$(grep -o 'https://anagen.local/link/.*' /tmp/setup.log)
check "a password by the one-time link" browse link "$link" "lime trees grow slowly"
check "the certificate page is plain HTTP" curl -fsS http://anagen.local/ -o /dev/null
check "the profile has Apple's type" sh -c 'curl -fsSI http://anagen.local/ca.mobileconfig | grep -qi "content-type: application/x-apple-aspen-config"'
check "everything else goes to HTTPS" sh -c 'curl -sSI http://anagen.local/patients/ | grep -q "^Location: https://anagen.local/patients/"'
echo "FIGURE from_nothing_to_first_page $(python3 -c "print(round($(since "$start")/60, 1))") min"

score=$(systemd-analyze security --no-pager anagen.service | grep -oE 'level for anagen.service: [0-9]+\.[0-9]+' | grep -oE '[0-9]+\.[0-9]+')
echo "FIGURE exposure $score below_3"
check "exposure below 3" python3 -c "import sys; sys.exit(float('$score') >= 3)"
# The decoder under the very same sandbox.
sed -e "s#^ExecStart=.*#ExecStart=/opt/anagen/current/bin/python /packages/decode.py#" -e 's/^Type=notify/Type=oneshot/' -e '/^Restart/d' /etc/systemd/system/anagen.service > /etc/systemd/system/decoder.service
systemctl daemon-reload
check "JPEG and HEIC are decoded in the sandbox" systemctl start decoder.service
for task in sweep backup audit-verify photos-verify; do check "anagen-$task.service" systemctl start anagen-$task.service; done
journalctl -u 'anagen-*.service' --no-pager -p err | tail -5
anagen doctor > /tmp/doctor.log; cat /tmp/doctor.log
check "doctor finds only the one disk and the clock" is "$(grep -x '[a-z_]\+' /tmp/doctor.log | grep -vx clock_off)" copies_on_same_disk
systemctl disable --quiet --now anagen-sweep.timer; anagen doctor > /tmp/doctor.log
check "doctor finds a timer that is off" grep -q '^timer_off' /tmp/doctor.log
systemctl enable --quiet --now anagen-sweep.timer
systemctl stop anagen; anagen doctor > /tmp/doctor.log
check "doctor finds a service that is off" grep -q '^service_off' /tmp/doctor.log
systemctl start anagen; ready
check "set up again changes nothing" sh -c 'cat /etc/anagen/* /etc/caddy/Caddyfile /etc/systemd/system/anagen* > /tmp/a 2>/dev/null; anagen setup >/dev/null && cat /etc/anagen/* /etc/caddy/Caddyfile /etc/systemd/system/anagen* 2>/dev/null | cmp - /tmp/a'

# A unit as an older release wrote it, and one that somebody changed by systemctl edit.
echo "# older" >> /etc/systemd/system/anagen-sweep.service
mkdir /etc/systemd/system/anagen.service.d; printf '[Service]\nMemoryMax=2G\n' > /etc/systemd/system/anagen.service.d/own.conf
check "doctor finds the older unit, and not the added one" is "$(doctors | tr '\n' ' ')" "units_outdated copies_on_same_disk "
grep -A1 '^units_outdated' /tmp/doctor.log

before=$(rows)
began=$(now); check "upgrade to a second build" anagen upgrade /packages/anagen-99.1-py3-none-any.whl; cat /tmp/check.log; echo "FIGURE upgrade $(since "$began") s"
cp /tmp/check.log /tmp/upgrade.log
check "the second build runs" runs 99.1
check "the end of the upgrade names the older unit" sh -c "tail -3 /tmp/upgrade.log | grep -q anagen-sweep.service"
check "set up --renew keeps the old one beside" sh -c "anagen setup --renew --yes && grep -q '^# older' /etc/systemd/system/anagen-sweep.service.before"
ready
check "doctor finds no older unit any more" is "$(doctors)" copies_on_same_disk
check "what systemctl edit added stays" is "$(systemctl show -P MemoryMax anagen.service)" 2147483648
check "the release before is kept" is "$(releases)" "$first 99.1 "
began=$(now); anagen upgrade /packages/anagen-99.2-py3-none-any.whl; echo "FIGURE failed_migration_and_back $(since "$began") s"
check "back from a migration that fails" runs 99.1
began=$(now); anagen upgrade /packages/anagen-99.3-py3-none-any.whl; echo "FIGURE no_start_and_back $(since "$began") s"
check "back from a build that does not start" runs 99.1
# Killed as soon as each step is reached, and run again.
for step in installing stopped migrating switched; do
  rm -f /tmp/started; (anagen upgrade /packages/anagen-99.4-py3-none-any.whl >/dev/null 2>&1 & echo $! > /tmp/started; wait) 2>/dev/null &
  until grep -q "\"$step\"" /opt/anagen/upgrade.json 2>/dev/null; do kill -0 "$(cat /tmp/started 2>/dev/null || echo 1)" 2>/dev/null || break; sleep 0.05; done
  kill -9 "$(cat /tmp/started)"; wait
  anagen upgrade > /tmp/check.log 2>&1; cat /tmp/check.log; ready
  expected=99.1; [ $step = switched ] && expected=99.4
  check "killed when $step, run again" runs $expected
done
check "no server of a killed upgrade is left" is "$(pgrep -fc 'gunicorn clinic.wsgi' -u anagen)" "$(pgrep -fc 'gunicorn clinic.wsgi --bind 127.0.0.1:8000')"
check "the last build runs" runs 99.4
check "the one before is kept, and no older one" is "$(releases)" "99.1 99.4 "
check "static files and copies of older releases are gone" is "$(ls /var/lib/anagen/before-upgrade)" database-of-99.1.sqlite3
echo "FIGURE static_files $(find /var/lib/anagen/static -type f | wc -l)"
check "static files are whole" is "$(doctors)" copies_on_same_disk
check "the first page still opens" curl -fsSL --cacert /tmp/ca.pem https://anagen.local/ -o /dev/null
check "no row of the trail was lost" test "$(rows)" -ge "$before"
check "the trail is as it was sealed" anagen audit verify
# The machine is lost, but for the disk of the copies, /etc/anagen and the key that setup showed.
key > /srv/key; chmod 644 /srv/key
anagen backup > /dev/null; before=$(rows); systemctl stop anagen; rm -rf /var/lib/anagen
began=$(now)
anagen setup --empty --yes > /tmp/empty.log; begin=$(grep -o 'https://anagen.local/begin/.*' /tmp/empty.log); cat /tmp/empty.log; ready
check "nothing is copied of no clinic" sh -c "! anagen backup"
# By the first page: a disk that is plugged in now, after the service was started, with the files of another machine's user.
mkdir -p /media/disk; mount -t tmpfs -o mode=755 disk /media/disk; cp -a /var/backups/anagen /media/disk/anagen
chown -R 4321:4321 /media/disk/anagen
by_hand=$(sed -n '/in groups of four/,/Capital or small/p' /tmp/setup.log | grep '^    ' | tr 'A-Z' 'a-z')
check "files of another user are refused with a sentence" browse refused "$begin" /media/disk/anagen "$by_hand"; cat /tmp/check.log
chown -R anagen: /media/disk/anagen
check "restored by the first page, with the key typed from paper" browse restore "$begin" /media/disk/anagen "$by_hand"; cat /tmp/check.log
check "a person of the restored clinic signs in" browse sign-in https://anagen.local ada@example.org "lime trees grow slowly"
check "with every row of the trail, by the page" test "$(rows)" -ge "$before"
check "the first page only tells what was restored" sh -c "curl -sS --cacert /tmp/ca.pem $begin -o /tmp/begin.html && grep -q 'The copy is restored' /tmp/begin.html && ! grep -q 'name=.act.' /tmp/begin.html"
echo "FIGURE lost_machine_to_signed_in_by_the_page $(since "$began") s"
# Once more by the command.
systemctl stop anagen; rm -rf /var/lib/anagen
began=$(now)
check "set up without a clinic" sh -c "anagen setup --empty --yes | grep -q https://anagen.local/begin"
check "restored on an empty machine" anagen restore /var/backups/anagen --identity /srv/key; cat /tmp/check.log
systemctl restart anagen; ready
check "the restored clinic opens" curl -fsSL --cacert /tmp/ca.pem https://anagen.local/ -o /dev/null
check "with every row of the trail" test "$(rows)" -ge "$before"
echo "FIGURE lost_machine_to_first_page $(since "$began") s"
echo "FIGURE everything $(python3 -c "print(round($(since "$start")/60, 1))") min"
