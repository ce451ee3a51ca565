# The recipe "One server" of docs/operations.md, run by scripts/installation/trial.py.
. /packages/checks.sh

start=$(now)
for line in 1 2 3 4 5 6; do recipe_line $line || echo "FAILED line $line of the recipe"; done
printf "$answers" | recipe_line 7 > /tmp/setup.log 2>&1 || echo "FAILED setup"
cat /tmp/setup.log
echo "FIGURE server_from_nothing_to_set_up $(python3 -c "print(round($(since "$start")/60, 1))") min"
echo "127.0.0.1 anagen.local" >> /etc/hosts
ready
if [ -e /etc/ssl/anagen/fullchain.pem ]; then  # with nginx: the certificate that the trial brought
  cp /etc/ssl/anagen/fullchain.pem /tmp/ca.pem
  check "nginx answers" sh -c 'curl -sSI http://anagen.local/ | grep -q "^Server: nginx" && curl -sSI http://anagen.local/x | grep -q "^Location: https://anagen.local/x"'
  systemctl stop anagen
  check "a page while Anagen does not answer" sh -c 'curl -sS --cacert /tmp/ca.pem https://anagen.local/ | grep -q "Anagen does not answer"'
  systemctl start anagen; ready
  check "set up again keeps nginx" sh -c 'anagen setup --yes | grep -q "nginx: started" && [ ! -e /etc/caddy/Caddyfile ]'
else
  curl -sS -o /tmp/ca.der http://anagen.local/ca.crt && openssl x509 -inform der -in /tmp/ca.der -out /tmp/ca.pem
fi
check "first page over HTTPS" curl -fsSL --cacert /tmp/ca.pem https://anagen.local/ -o /dev/null
check "a password by the one-time link" browse link "$(grep -o 'https://anagen.local/link/.*' /tmp/setup.log)" "lime trees grow slowly"
for task in sweep backup audit-verify photos-verify; do check "anagen-$task.service" systemctl start anagen-$task.service; done
anagen doctor > /tmp/doctor.log; cat /tmp/doctor.log
check "doctor finds only the one disk and the clock" is "$(grep -x '[a-z_]\+' /tmp/doctor.log | grep -vx clock_off)" copies_on_same_disk
check "the service may not change the trail" sh -c '! su -s /bin/sh anagen -c "psql -qc \"DELETE FROM clinic_auditevent\" anagen"'
before=$(rows)
check "upgrade to a second build" anagen upgrade /packages/anagen-99.1-py3-none-any.whl; cat /tmp/check.log
check "the second build runs" runs 99.1
anagen upgrade /packages/anagen-99.2-py3-none-any.whl
check "back from a migration that fails" runs 99.1
anagen upgrade /packages/anagen-99.3-py3-none-any.whl
check "back from a build that does not start" runs 99.1
check "and on to one that does" anagen upgrade /packages/anagen-99.4-py3-none-any.whl; cat /tmp/check.log
check "the last build runs" runs 99.4
check "no row of the trail was lost" test "$(rows)" -ge "$before"
anagen doctor > /tmp/doctor.log
check "doctor finds nothing new" is "$(grep -x '[a-z_]\+' /tmp/doctor.log | grep -vx clock_off)" copies_on_same_disk
echo "FIGURE server_everything $(python3 -c "print(round($(since "$start")/60, 1))") min"
