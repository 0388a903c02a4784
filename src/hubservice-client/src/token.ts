import { HubError, UnauthorizedError } from "./errors.ts";

/** Why a token is asked for: at the first connect, at a later one, because the present one ends soon, or because it was refused. */
export type TokenReason = "initial" | "reconnect" | "expiring" | "rejected";

export interface TokenContext {
  reason: TokenReason;
  /** Failed attempts before this one. */
  attempt: number;
  /** Aborted when the answer is no longer needed. */
  signal: AbortSignal;
}

/** A token, or a function that gives one. Throw `UnauthorizedError` to stop; any other error is tried again. */
export type SessionToken = string | ((context: TokenContext) => string | Promise<string>);

/** The token of one identity: the present one, and the next when it is needed. */
export class TokenSource {
  /** What SignalR sends with each request. */
  current = "";
  /** The token that the hub refused last. */
  #refused: string | undefined;
  #reason: TokenReason = "initial";
  readonly #source: SessionToken;

  constructor(source: SessionToken) {
    this.#source = source;
  }

  /** The same token whatever the reason. */
  get fixed(): boolean {
    return typeof this.#source === "string";
  }

  async ask(attempt: number, signal: AbortSignal, reason = this.#reason): Promise<string> {
    const token = typeof this.#source === "string" ? this.#source : await this.#source({ reason, attempt, signal });
    if (!token) {
      throw new HubError("not_connected", "There is no token.");
    }
    return token;
  }

  /** The token for a connection that is about to be made; throws when the hub refused it. */
  take(token: string): void {
    if (token === this.#refused) {
      throw new UnauthorizedError(undefined, { status: 401 });
    }
    this.current = token;
  }

  accepted(): void {
    this.#refused = undefined;
    this.#reason = "reconnect";
  }

  /** The hub refused the present token. False when there is no other to try. */
  refused(): boolean {
    const again = typeof this.#refused === "string";
    this.#refused = this.current;
    this.#reason = "rejected";
    return !again && !this.fixed;
  }

  /** A person wants it tried again, also with the same token. */
  forget(): void {
    this.#refused = undefined;
  }
}
