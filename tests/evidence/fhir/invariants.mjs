// Judges bundles by R4's own invariants: FHIRPath expressions of the extract in r4/structure.json.
//
//     node invariants.mjs < bundles.json
//
// Reads a JSON list of bundles and writes, of each, a list of "key at path" for every rule that does not hold. A rule that
// cannot be evaluated counts as one that does not hold, and says so.
import { readFileSync } from "node:fs";
import fhirpath from "fhirpath";
import model from "fhirpath/fhir-context/r4/index.js";

const { elements } = JSON.parse(readFileSync(new URL("r4/structure.json", import.meta.url), "utf8"));
const compiled = new Map();
// One of R4's rules calls trace(), which would write between our lines.
const options = { traceFn: () => {} };
// What the engine does not know: narrative is checked by our own test.
const leftOut = new Set(["txt-1", "txt-2"]);

function holds(rule, path, node, resource, bundle) {
  const at = `${path}|${rule}`;
  if (!compiled.has(at)) {
    compiled.set(at, fhirpath.compile({ base: path, expression: rule }, model, options));
  }
  const answer = compiled.get(at)(node, { resource, rootResource: bundle });
  return answer.length === 0 || answer.every((each) => each === true);
}

function judge(rules, base, path, node, resource, bundle, faults) {
  for (const [key, severity, rule] of rules ?? []) {
    if (severity !== "error" || leftOut.has(key)) {
      continue;
    }
    try {
      if (!holds(rule, base, node, resource, bundle)) {
        faults.push(`${key} at ${path}`);
      }
    } catch (fault) {
      faults.push(`${key} at ${path} cannot be judged: ${String(fault.message ?? fault).slice(0, 120)}`);
    }
  }
}

// `type` is the type that the element is defined in, `inside` its path in that type.
function walk(type, inside, node, path, resource, bundle, faults) {
  for (const [key, value] of Object.entries(node)) {
    if (key === "resourceType" || key.startsWith("_") || value === null || typeof value !== "object") {
      continue;
    }
    const found = element(type, inside ? `${inside}.${key}` : key);
    const several = Array.isArray(value) ? value : [value];
    several.forEach((each, place) => {
      const here = Array.isArray(value) ? `${path}.${key}[${place}]` : `${path}.${key}`;
      if (each === null || typeof each !== "object") {
        return;
      }
      if (each.resourceType) {
        ofResource(each, here, bundle, faults);
        return;
      }
      if (!found) {
        return;
      }
      judge(found.rules, `${type}.${found.path}`, here, each, resource, bundle, faults);
      if (elements[found.is]) {
        judge(elements[found.is][""]?.rules, found.is, here, each, resource, bundle, faults);
        walk(found.is, "", each, here, resource, bundle, faults);
      } else {
        walk(type, found.path, each, here, resource, bundle, faults);
      }
    });
  }
}

function element(type, path) {
  const of = elements[type] ?? {};
  let entry = of[path];
  let is = entry?.types?.[0];
  if (!entry) {
    const choice = Object.keys(of).find((each) => each.endsWith("[x]") && path.startsWith(each.slice(0, -3)));
    entry = choice && of[choice];
    is = choice && of[choice].types.find((each) => path.toLowerCase() === (choice.slice(0, -3) + each).toLowerCase());
  }
  if (!entry) {
    return null;
  }
  if (entry.as) {
    return { path: entry.as, is: "BackboneElement", rules: entry.rules };
  }
  return { path, is: is === "BackboneElement" || is === "Element" ? null : is, rules: entry.rules };
}

function ofResource(resource, path, bundle, faults) {
  const type = resource.resourceType;
  judge(elements[type]?.[""]?.rules, type, path, resource, resource, bundle, faults);
  walk(type, "", resource, path, resource, bundle, faults);
}

const answers = JSON.parse(readFileSync(0, "utf8")).map((bundle) => {
  const faults = [];
  ofResource(bundle, "Bundle", bundle, faults);
  return faults;
});
process.stdout.write(JSON.stringify(answers));
