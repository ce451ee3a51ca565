"""The languages in which a clinic may write what goes home, each under its own name. No Django here."""

LANGUAGES: dict[str, str] = {
    "en": "English",
    "ar": "العربية (Arabic)",
    "de": "Deutsch (German)",
    "es": "Español (Spanish)",
    "fr": "Français (French)",
    "id": "Bahasa Indonesia",
    "ja": "日本語 (Japanese)",
    "ms": "Bahasa Melayu",
    "pt": "Português (Portuguese)",
    "ru": "Русский (Russian)",
    "ta": "தமிழ் (Tamil)",
    "vi": "Tiếng Việt (Vietnamese)",
    "zh-Hans": "简体中文 (Chinese, simplified)",
    "zh-Hant": "繁體中文 (Chinese, traditional)",
}
OWN = "en"
"""That of Anagen itself, in which there is always a sheet."""
