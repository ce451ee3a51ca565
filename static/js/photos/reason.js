/** Without consent on file a reason is asked for once, before the first photo leaves. @param {HTMLFormElement} form */
export function hasReason(form) {
  /** @type {HTMLInputElement | null} */
  const reason = form.querySelector("[data-consent-reason]");
  if (!reason || reason.value.trim().length >= 3) return true;
  reason.setAttribute("aria-invalid", "true");
  reason.focus();
  return false;
}
