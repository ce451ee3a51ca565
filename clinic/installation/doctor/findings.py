"""Every fault that `anagen doctor` knows: its name, which stays, and what to do about it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Finding:
    """`name` is one of REMEDIES; `truth` says what is so, as a sentence."""

    name: str
    truth: str

    @property
    def remedy(self) -> str:
        return REMEDIES[self.name]


_FILE = "Correct it in the settings (anagen.env), then: systemctl restart anagen."
_DATABASE = "Look whether PostgreSQL runs and DATABASE_URL is right; for SQLite, whether its disk is mounted."
_MOUNT = "Mount its disk. Is this the right folder, and new? Then: anagen photos folder."
_COPY = "Run `anagen backup` and read what it says; is the disk of the copies plugged in and not full?"

REMEDIES: Final = {
    # settings
    "settings_missing": "Run `anagen setup`, or say where the settings are: ANAGEN_ENV=/path/anagen.env anagen doctor.",
    "settings_unreadable": "Run it as the administrator: sudo anagen doctor.",
    "settings_wrong": _FILE,
    "settings_open": "chmod 640 the file, chown root:anagen. Others could have read the keys: make new ones if unsure.",
    "not_production": "Set ANAGEN_MODE=production, then: systemctl restart anagen.",
    "secret_key_weak": "Set SECRET_KEY to 60 random characters, from: python3 -c 'import secrets;"
    " print(secrets.token_urlsafe(60))'. Everybody signs in anew.",
    "audit_key_missing": "Add AUDIT_KEY= and 60 random characters, made as for SECRET_KEY. Older seals are understood.",
    "address_not_allowed": "Write the name that people type into ALLOWED_HOSTS, then: systemctl restart anagen.",
    "any_address_allowed": "Write the one name that people type into ALLOWED_HOSTS instead.",
    "proxy_not_told": "Set TRUSTED_PROXY=1, as Caddy or nginx stands in front; 0 only where nothing does.",
    "hsts_not_keepable": "Set HSTS_SECONDS=0. Devices that were told so for long need the name to stay on HTTPS.",
    # database
    "database_silent": _DATABASE,
    "database_away": _DATABASE,
    "database_busy": "It mostly ends by itself; else end what holds it, for example a copy that does not end.",
    "database_read_only": "Is its disk mounted read-only? PostgreSQL: is this a standby?",
    "database_damaged": "Stop Anagen, keep the file, and restore the newest copy: anagen restore.",
    "database_on_network_share": "Move SQLite's file to a disk of this machine, or use PostgreSQL: `anagen move`.",
    "database_role_too_strong": "Let another role own the tables: docs/operations.md, Two roles of PostgreSQL.",
    "database_timeouts_lost": "ALTER ROLE … SET lock_timeout='3s', statement_timeout='30s',"
    " idle_in_transaction_session_timeout='30s' for the role of DATABASE_URL; PgBouncer drops what Anagen asks for.",
    "migrations_missing": "Run `anagen migrate`, as the owner of the tables.",
    "release_too_old": "Start the newer release again, or restore the copy that was taken before it: anagen restore.",
    # files
    "disk_full": "Make room on the disk of VAR_DIR.",
    "disk_nearly_full": "Make room, or move to a larger disk, before it is full: then nothing can be saved.",
    "disk_silent": "Look at the mount of VAR_DIR.",
    "folder_missing": "Mount the disk of VAR_DIR.",
    "data_open": "chmod -R go-rwx the folder named.",
    "data_of_another": "chown -R the folder named to the user of the service.",
    "photos_missing": _MOUNT,
    "photos_elsewhere": "Mount the disk that has them, or set MEDIA_ROOT right. Take no photo until then.",
    "photos_read_only": "Look at the mount, the disk and the owner of MEDIA_ROOT.",
    "photos_full": "Make room on the disk of the photos.",
    "photos_no_room": "Make room on the disk of the photos; what is left is kept for text.",
    "photos_unreadable": "Look at the disk of MEDIA_ROOT.",
    "photos_silent": "Look at the mount of MEDIA_ROOT.",
    "originals_wrong": "Restore these files from a copy, then: anagen photos verify.",
    "store_away": "Look whether the store answers, and whether address and keys are right: anagen store probe.",
    "store_lacks": "Use a store that has it, or ask who runs it: anagen store probe.",
    "static_of_another_release": "Run `anagen collectstatic --no-input`, then: systemctl restart anagen.",
    # copies
    "copies_not_set": "Set BACKUP_TO to a folder on another disk or a store, then: anagen backup.",
    "copies_away": "Plug in or mount the disk of the copies, for the user of the service to write.",
    "copies_on_same_disk": "Set BACKUP_TO to a folder on another disk, which another place keeps once a week.",
    "copies_not_encrypted": "Set BACKUP_RECIPIENT, or keep the copies on an encrypted disk. See docs/operations.md.",
    "copy_never": _COPY,
    "copy_too_old": _COPY,
    "copy_failed": _COPY,
    # trail
    "seals_not_verified": "Run `anagen audit verify`; is anagen-audit-verify.timer switched on?",
    "seals_broken": "Stop the service, keep everything as it is: docs/operations.md, Is it as it was?",
    # machine
    "clock_put_back": "Set it right (timedatectl). Was it ahead, and is it right now? anagen health --clock-is-right.",
    "clock_off": "Set the clock: timedatectl set-ntp true. Without a network, set it by hand.",
    "service_off": "systemctl enable --now anagen.service",
    "units_outdated": "Run `anagen setup --renew`. The old ones stay beside them as ….before, what you wrote by"
    " systemctl edit stays as it is.",
    "timer_off": "systemctl enable --now the timer named.",
    "https_away": "Does Caddy or nginx run? systemctl status caddy nginx. See docs/operations.md, The proxy.",
    "certificate_ends": "Caddy renews it by itself while it runs: systemctl restart caddy. With nginx you do; then:"
    " systemctl reload nginx.",
    "certificate_of_another_name": "Let the proxy have one for this name (nginx: lay it first): anagen setup --renew.",
    "authority_ends": "Move etc/anagen/authority away, run `anagen setup --renew`, and prepare each device anew.",
}  # fmt: skip
