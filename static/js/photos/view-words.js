// The view that a file's name means. The words come from the server (treatments/photos/file_names.py), which reads names
// in the same way.

/**
 * "" where the name has no word of a view, or words of more than one.
 * @param {string} name
 * @param {[string, string][]} rules words and their view; of two words both must stand in the name, and win over one
 */
export function viewInName(name, rules) {
  const stem = name.replace(/\.[a-z0-9]{1,5}$/i, "");
  const words = new Set(
    stem
      .normalize("NFKD")
      .toLowerCase()
      .match(/\p{L}+/gu) ?? [],
  );
  const meant = rules.filter(([rule]) => rule.split(" ").every((word) => words.has(word)));
  const most = Math.max(...meant.map(([rule]) => rule.split(" ").length));
  const views = new Set(meant.filter(([rule]) => rule.split(" ").length === most).map(([, view]) => view));
  return views.size === 1 ? [...views][0] : "";
}
