// Similarities of the plane, as treatments/photos/compare/geometry.py and alignment.py define them; the server
// computes them again from the points, so these figures are for the eye while points are being set.

export const FRAME = 1600;
export const RESIDUAL_LIMIT = 25;
const MIN_SPACING = 80;
const MAX_TURN = 45;

/** @typedef {[number, number]} Point x and y in the 1600 px coordinates of a photograph */
/** (x, y) → (a·x - b·y + tx, b·x + a·y + ty). @typedef {{a: number, b: number, tx: number, ty: number}} Similarity */
/** @typedef {Record<string, Record<string, Point>>} Landmarks by the landmark's name, then "earlier" and "later" */
/**
 * What the marks of a pair amount to. `residual` and `off`, by name, are in px; `state` is "none", "unchecked",
 * "aligned" or "doubtful".
 * @typedef {{names: string[], transform: Similarity, residual: number | null, off: Record<string, number>,
 *   problems: string[], byHand: boolean, state: string}} Alignment
 */

/** @type {Readonly<Similarity>} */
export const IDENTITY = Object.freeze({ a: 1, b: 0, tx: 0, ty: 0 });

/** @type {(t: Similarity, point: Point) => Point} */
export const apply = (t, [x, y]) => [t.a * x - t.b * y + t.tx, t.b * x + t.a * y + t.ty];
/** @type {(t: Similarity) => number} */
export const scaleOf = (t) => Math.hypot(t.a, t.b);
/** In degrees, clockwise on the screen. @type {(t: Similarity) => number} */
export const turnOf = (t) => (Math.atan2(t.b, t.a) * 180) / Math.PI;
/** @type {(t: Similarity) => boolean} */
export const isIdentity = (t) => t.a === 1 && t.b === 0 && t.tx === 0 && t.ty === 0;

/** `first`, then `after`. @param {Similarity} first @param {Similarity} after @returns {Similarity} */
export function compose(first, after) {
  const [tx, ty] = apply(after, [first.tx, first.ty]);
  return {
    a: after.a * first.a - after.b * first.b,
    b: after.b * first.a + after.a * first.b,
    tx,
    ty,
  };
}

/** @param {Similarity} t @returns {Similarity} */
export function invert(t) {
  const norm = t.a * t.a + t.b * t.b;
  const back = { a: t.a / norm, b: -t.b / norm, tx: 0, ty: 0 };
  const [x, y] = apply(back, [t.tx, t.ty]);
  return { ...back, tx: -x, ty: -y };
}

/**
 * A move, turn (degrees) and zoom about a point.
 * @param {Point} centre
 * @param {{dx?: number, dy?: number, turn?: number, zoom?: number}} change
 * @returns {Similarity}
 */
export function about([cx, cy], { dx = 0, dy = 0, turn = 0, zoom = 1 }) {
  const angle = (turn * Math.PI) / 180;
  const a = zoom * Math.cos(angle);
  const b = zoom * Math.sin(angle);
  return { a, b, tx: cx - (a * cx - b * cy) + dx, ty: cy - (b * cx + a * cy) + dy };
}

/** @type {(points: Point[]) => number[]} */
const centre = (points) => [0, 1].map((i) => points.reduce((sum, p) => sum + p[i], 0) / points.length);
/** @type {(one: Point, other: Point) => number} */
const distance = ([x, y], [u, v]) => Math.hypot(x - u, y - v);

/**
 * The similarity that brings the later points nearest to the earlier ones (least squares); null when they are one spot.
 * @param {Point[]} later
 * @param {Point[]} earlier
 * @returns {Similarity | null}
 */
export function fit(later, earlier) {
  const [lx, ly] = centre(later);
  const [ex, ey] = centre(earlier);
  let spread = 0;
  let along = 0;
  let across = 0;
  later.forEach(([x, y], i) => {
    const [dx, dy, du, dv] = [x - lx, y - ly, earlier[i][0] - ex, earlier[i][1] - ey];
    spread += dx * dx + dy * dy;
    along += dx * du + dy * dv;
    across += dx * dv - dy * du;
  });
  if (later.length < 2 || spread < 1) return null;
  const a = along / spread;
  const b = across / spread;
  return { a, b, tx: ex - (a * lx - b * ly), ty: ey - (b * lx + a * ly) };
}

/**
 * How far each later point lies from its earlier one, in px.
 * @type {(t: Similarity, later: Point[], earlier: Point[]) => number[]}
 */
export const misses = (t, later, earlier) => later.map((p, i) => distance(apply(t, p), earlier[i]));

/**
 * Root mean square distance in px over the degrees of freedom; null when two points leave none.
 * @param {Similarity} t
 * @param {Point[]} later
 * @param {Point[]} earlier
 */
export function residual(t, later, earlier) {
  const freedom = 2 * later.length - 4;
  if (freedom <= 0) return null;
  return Math.sqrt(misses(t, later, earlier).reduce((sum, m) => sum + m * m, 0) / freedom);
}

/** @type {(t: Similarity) => boolean} */
const isPlausible = (t) => Math.abs(turnOf(t)) <= MAX_TURN && scaleOf(t) >= 0.5 && scaleOf(t) <= 2;

/**
 * Every other order of up to five things; of more, every exchange of two.
 * @param {number} count
 * @returns {number[][]}
 */
function orders(count) {
  const same = [...Array(count).keys()];
  if (count > 5) {
    return same.flatMap((i) => same.slice(i + 1).map((j) => same.map((k) => (k === i ? j : k === j ? i : k))));
  }
  /** @type {(rest: number[]) => number[][]} */
  const all = (rest) =>
    rest.length < 2 ? [rest] : rest.flatMap((x) => all(rest.filter((y) => y !== x)).map((r) => [x, ...r]));
  return all(same).filter((order) => order.some((value, i) => value !== i));
}

/**
 * The names that fit far better when their later points change places.
 * @param {string[]} names
 * @param {Point[]} later
 * @param {Point[]} earlier
 * @param {Similarity} fitted
 */
function exchanged(names, later, earlier, fitted) {
  const sigma = residual(fitted, later, earlier) ?? 0;
  if (isPlausible(fitted) && sigma < 0.6 * RESIDUAL_LIMIT) return [];
  /** @type {string[]} */
  let best = [];
  let bestSigma = isPlausible(fitted) ? sigma * 0.5 : Infinity;
  for (const order of orders(names.length)) {
    const shuffled = order.map((i) => later[i]);
    const other = fit(shuffled, earlier);
    const otherSigma = residual(other, shuffled, earlier) ?? 0;
    if (isPlausible(other) && otherSigma < bestSigma) {
      bestSigma = otherSigma;
      best = names.filter((_, i) => order[i] !== i);
    }
  }
  return best;
}

/** @param {Point[]} earlier @param {Point[]} later */
function tooClose(earlier, later) {
  return earlier.some((p, i) =>
    earlier.slice(i + 1).some((q, k) => Math.min(distance(p, q), distance(later[i], later[i + 1 + k])) < MIN_SPACING),
  );
}

/**
 * What the marks amount to: transform, residual, state and the sentences that go with them.
 * @param {Landmarks} landmarks
 * @param {Similarity} nudge the correction by hand
 * @param {Record<string, string>} labels
 * @returns {Alignment}
 */
export function align(landmarks, nudge, labels) {
  const names = Object.keys(landmarks).filter((name) => landmarks[name].earlier && landmarks[name].later);
  const byHand = !isIdentity(nudge);
  const later = names.map((name) => landmarks[name].later);
  const earlier = names.map((name) => landmarks[name].earlier);
  const fitted = names.length > 1 ? fit(later, earlier) : null;
  if (!fitted) {
    return {
      names: [],
      transform: nudge,
      residual: null,
      off: {},
      problems: [],
      byHand,
      state: byHand ? "unchecked" : "none",
    };
  }
  const transform = compose(fitted, nudge);
  const sigma = residual(transform, later, earlier);
  const each = misses(transform, later, earlier);
  const problems = [];
  const swapped = exchanged(names, later, earlier, fitted);
  if (swapped.length) {
    const points = swapped.map((name) => labels[name] ?? name);
    problems.push(
      `${points.slice(0, -1).join(", ")} and ${points.at(-1)} seem to be exchanged in one photograph. Check which is which.`,
    );
  } else if (!isPlausible(fitted)) {
    problems.push(
      `The points ask for a turn of ${Math.abs(turnOf(fitted)).toFixed(0)}° and a zoom of ${scaleOf(fitted).toFixed(2)}. Check that each name is on the same spot in both photographs.`,
    );
  }
  if (tooClose(earlier, later)) {
    problems.push(`Two points lie less than ${MIN_SPACING} px apart. Choose points further apart.`);
  }
  if (sigma !== null && sigma > RESIDUAL_LIMIT) {
    problems.push(
      `The points do not fit: they differ by ${sigma.toFixed(0)} px; the limit is ${RESIDUAL_LIMIT} px. Check each point, or the head was tilted differently.`,
    );
  }
  return {
    names,
    transform,
    residual: sigma,
    off: Object.fromEntries(names.map((name, i) => [name, each[i]])),
    problems,
    byHand,
    state: problems.length ? "doubtful" : sigma === null ? "unchecked" : "aligned",
  };
}

/** @param {Alignment} alignment */
export function labelOf(alignment) {
  if (alignment.state === "none") return "Not aligned";
  const how = alignment.names.length ? `${alignment.names.length} points` : "by eye";
  const hand = alignment.byHand && alignment.names.length ? ", then by hand" : "";
  const on = alignment.names.length ? "on " : "";
  if (alignment.residual === null) {
    return `Aligned ${on}${how}${hand}; ${alignment.problems.length ? "doubtful, " : ""}error not known`;
  }
  if (alignment.state === "doubtful") {
    return `Alignment doubtful: ${alignment.residual.toFixed(0)} px off on ${how}${hand}`;
  }
  return `Aligned on ${how}${hand}; ${alignment.residual.toFixed(0)} px off`;
}
