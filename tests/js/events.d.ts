// Our own events, for the type checker: who dispatches one and what it carries stands beside the dispatch.

type Saved = { go: string; waitUntil: (promise: Promise<unknown>) => void };
/** Whoever hears it may finish something first. */
type SomebodyElse = { waitUntil: (promise: Promise<unknown>) => void };
type Filled = { values: Record<string, string[]> };

interface GlobalEventHandlersEventMap {
  "record-form:filled": CustomEvent<Filled>;
  "record-form:refreshed": CustomEvent;
  "record-form:saved": CustomEvent<Saved>;
}

interface DocumentEventMap {
  "record-form:saved": CustomEvent<Saved>;
  "page-covered": CustomEvent<SomebodyElse>;
  "signed-in-as-somebody-else": CustomEvent<SomebodyElse>;
}
