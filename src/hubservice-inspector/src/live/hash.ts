/** What the address keeps across a reload: `#project=demo&thread=thread_abc`. */

export interface Hash {
  project: string | null;
  thread: string | null;
}

export function readHash(hash: string): Hash {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  return { project: validId(fields.get("project")), thread: validId(fields.get("thread")) };
}

export function writeHash(change: Partial<Hash>): void {
  const next: Hash = { ...readHash(window.location.hash), ...change };
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(next)) {
    if (value) {
      fields.set(name, value);
    }
  }
  window.history.replaceState(null, "", `#${fields}`);
}

/** 1 to 128 letters, digits, dots, underscores and hyphens. */
export function validId(text: string | null): string | null {
  return text && /^[A-Za-z0-9._-]{1,128}$/.test(text) ? text : null;
}
