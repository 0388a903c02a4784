/** Who is signed in: asks for a development token, or takes one that a person pastes. The token stays in memory. */
import { createStore, type Schedule, type Store } from "./store";

export type SignIn =
  | { state: "asking" }
  | { state: "unreachable"; message: string }
  | { state: "paste"; message: string | null }
  | { state: "signed_in"; subject: string; tenant: string | null; development: boolean };

interface Token {
  text: string;
  expiresAt: number;
  development: boolean;
}

export interface TokenParts {
  fetch: typeof fetch;
  now: () => number;
  storage: Pick<Storage, "getItem" | "setItem">;
  url: string;
  schedule?: Schedule;
}

const subjectKey = "hubservice.subject";
const early = 60_000;

export class TokenSource {
  readonly signIn: Store<SignIn>;
  #token: Token | null = null;
  #asking: Promise<Token | null> | null = null;
  readonly #parts: TokenParts;

  constructor(parts: TokenParts) {
    this.#parts = parts;
    this.signIn = createStore<SignIn>({ state: "asking" }, parts.schedule);
  }

  /** The token, a new one when it is about to expire; null while nobody is signed in. */
  async get(): Promise<string | null> {
    if (this.#token && (!this.#token.development || this.#token.expiresAt - this.#parts.now() > early)) {
      return this.#token.text;
    }
    if (this.signIn.get().state === "paste") {
      return null;
    }
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return (await this.#asking)?.text ?? null;
  }

  /** The next get asks anew: the one at hand was refused. */
  forget(): void {
    if (this.#token?.development) {
      this.#token = null;
    }
  }

  paste(text: string): void {
    const token = text.trim();
    const claims = readClaims(token);
    if (!claims) {
      this.signIn.set({ state: "paste", message: "That does not look like a JSON Web Token." });
      return;
    }
    this.#token = { text: token, expiresAt: (claims.exp ?? Number.POSITIVE_INFINITY) * 1000, development: false };
    this.#signedIn(claims.sub ?? "someone", claims.tenant ?? null, false);
  }

  askForAnother(): void {
    this.#token = null;
    this.signIn.set({ state: "paste", message: null });
  }

  async #ask(): Promise<Token | null> {
    const subject = this.#parts.storage.getItem(subjectKey);
    try {
      const response = await this.#parts.fetch(this.#parts.url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(subject ? { subject } : {}),
      });
      if (response.status === 404 || response.status === 405) {
        this.signIn.set({ state: "paste", message: null });
        return null;
      }
      if (!response.ok) {
        throw new Error(`The service answered ${response.status}.`);
      }
      const answer = (await response.json()) as {
        access_token: string;
        expires_at: string;
        subject: string;
        tenant?: string;
      };
      const token = { text: answer.access_token, expiresAt: Date.parse(answer.expires_at), development: true };
      this.#parts.storage.setItem(subjectKey, answer.subject);
      this.#token = token;
      this.#signedIn(answer.subject, answer.tenant ?? null, true);
      return token;
    } catch (error) {
      if (this.signIn.get().state !== "signed_in") {
        this.signIn.set({ state: "unreachable", message: error instanceof Error ? error.message : String(error) });
      }
      throw error;
    }
  }

  #signedIn(subject: string, tenant: string | null, development: boolean): void {
    const next: SignIn = { state: "signed_in", subject, tenant, development };
    if (JSON.stringify(next) !== JSON.stringify(this.signIn.get())) {
      this.signIn.set(next);
    }
  }
}

/** The claims of a token, unverified: only to show a name. */
function readClaims(token: string): { sub?: string; tenant?: string; exp?: number } | null {
  const body = token.split(".")[1];
  if (!body || token.split(".").length !== 3) {
    return null;
  }
  try {
    const bytes = Uint8Array.from(atob(body.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) as { sub?: string; tenant?: string; exp?: number };
  } catch {
    return null;
  }
}
