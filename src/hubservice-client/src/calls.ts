/**
 * The calls of one connection, each until it is settled: it waits for a connection, is sent, is sent again under the same id
 * after a lost connection or when the hub says that a retry makes sense, and ends with an answer or an error in any case.
 */
import type { HubError as HubErrorRecord, PublishResult } from "./contracts.ts";
import { type Deferred, deferred } from "./deferred.ts";
import { fromAnswer, fromText, HubError, textOf } from "./errors.ts";
import type { Settings } from "./options.ts";
import type { HubPort } from "./port.ts";

export interface CallOptions {
  /** Who asks; all calls of an owner can be ended together. */
  owner?: string;
  /** The hub takes it once however often it is sent. */
  repeatable?: boolean;
  /** It may wait for a connection as long as the queue keeps it; without a word as long as for an answer; with `false` not at all. */
  queue?: boolean;
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** What a hub method answers; an event of a publish may be refused by itself. */
interface Answer {
  readonly error?: HubErrorRecord;
  readonly results?: readonly PublishResult[];
}

interface Call {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly options: CallOptions;
  readonly timeoutMs: number;
  readonly outcome: Deferred<unknown>;
  readonly abort: () => void;
  readonly queuedAt: number;
  /** It had to wait for a connection. */
  waited: boolean;
  /** When it was sent first on its last connection; 0 before. */
  sentAt: number;
  sentOn: HubPort | null;
  /** How often the hub refused it. */
  refusals: number;
  /** How many connections the hub broke in a row while it had no answer. */
  broke: number;
  timer?: ReturnType<typeof setTimeout>;
}

/** What the hub reads at most of one message, in bytes; at a longer one it ends the connection. */
const maxBytes = 1_114_112;
/** A call that took so many connections with it is not sent again. */
const maxBroke = 3;

export class Calls {
  /** The connection for new calls. */
  port: HubPort | null = null;
  readonly #calls = new Set<Call>();
  readonly #settings: Settings;
  readonly #changed: () => void;
  /** Why nothing is taken. */
  #failure: HubError | null = null;

  constructor(settings: Settings, changed: () => void) {
    this.#settings = settings;
    this.#changed = changed;
  }

  /** How many wait and how many are sent without an answer, of one owner. */
  count(owner: string): { queued: number; inFlight: number } {
    const count = { queued: 0, inFlight: 0 };
    for (const call of this.#calls) {
      if (call.options.owner === owner) {
        count[call.sentOn ? "inFlight" : "queued"]++;
      }
    }
    return count;
  }

  /** The answer of a hub method. Rejects with a `HubError` when it was refused, could not be sent, or has no answer in time. */
  call<Result>(method: string, args: readonly unknown[], options: CallOptions = {}): Promise<Result> {
    const { signal, timeoutMs = this.#settings.ackTimeoutMs } = options;
    const call: Call = {
      method,
      args,
      options,
      timeoutMs,
      outcome: deferred(),
      abort: () => this.#reject(call, new HubError("aborted", "The call was aborted.")),
      queuedAt: Date.now(),
      waited: false,
      sentAt: 0,
      sentOn: null,
      refusals: 0,
      broke: 0,
    };
    this.#calls.add(call);
    signal?.addEventListener("abort", call.abort);
    const error = this.#failure ?? unsendable(args);
    if (signal?.aborted) {
      call.abort();
    } else if (error) {
      this.#reject(call, error);
    } else {
      this.#go(call);
    }
    return call.outcome.promise as Promise<Result>;
  }

  /** What waits goes out in the order in which it came. */
  flush(): void {
    for (const call of this.#calls) {
      if (!call.sentOn) {
        this.#go(call);
      }
    }
  }

  /** How long to wait before what was refused is tried again, in ms; without end when the policy says no more. */
  retryMs(attempt: number, { details }: HubError): number {
    const wait = this.#settings.retry.next({ attempt: attempt + 1, elapsedMs: 0 }) ?? Infinity;
    return (Number(details?.retry_after_ms) || 0) + wait;
  }

  /** What was sent has no answer any more; `broken` when the hub ended the connection over what it was sent. */
  disconnected(broken: boolean): void {
    this.port = null;
    for (const call of this.#calls) {
      if (call.sentOn) {
        call.broke += broken ? 1 : 0;
        this.#go(call);
      }
    }
  }

  /** Ends all calls and refuses later ones with the error; null takes them again. */
  fail(error: HubError | null): void {
    this.#failure = error;
    if (error) {
      this.end(error);
    }
  }

  /** Ends all calls, or those of one owner. */
  end(error: HubError, owner?: string): void {
    for (const call of this.#calls) {
      if (owner === undefined || call.options.owner === owner) {
        this.#reject(call, error);
      }
    }
  }

  /** Is sent, or waits for a connection; what was sent before keeps its place, when it may be sent again. */
  #go(call: Call): void {
    const { method, args, options, timeoutMs } = call;
    const { maxQueued, maxAgeMs } = this.#settings;
    const { port } = this;
    if (port) {
      if (call.sentOn !== port) {
        call.sentAt = Date.now();
      }
      port.invoke(method, ...args).then(
        (answer) => call.sentOn === port && this.#answered(call, answer as Answer | null),
        (error: unknown) => call.sentOn === port && this.#failed(call, port, error),
      );
    }
    call.sentOn = port;
    // What became of it when nothing more is heard.
    const error = call.sentAt
      ? new HubError("outcome_unknown", `${method} was sent and not answered.`)
      : new HubError("not_connected", `${method} was not sent.`);
    const kept = (options.queue ?? options.repeatable) ? maxAgeMs : Math.min(timeoutMs, maxAgeMs);
    const left = port ? timeoutMs : kept - (Date.now() - call.queuedAt);
    const may = port || (call.sentAt ? options.repeatable : options.queue !== false && maxQueued);
    call.waited ||= !port;
    if (call.broke >= maxBroke) {
      const text = `${method} ended too many connections.`;
      this.#reject(call, new HubError("outcome_unknown", text, { retryable: false }));
    } else if (left <= 0 || !may) {
      this.#reject(call, error);
    } else if (!call.sentAt && [...this.#calls].filter(({ sentOn }) => !sentOn).length > maxQueued) {
      this.#reject(call, new HubError("queue_full", "The queue is full."));
    } else {
      this.#arm(call, left, () => this.#reject(call, error));
      this.#changed();
    }
  }

  #answered(call: Call, answer: Answer | null): void {
    const results = answer?.results;
    const errors = (results ?? []).flatMap(({ error }) => error ?? []);
    const error = answer?.error ?? errors.find(({ retryable }) => retryable) ?? errors[0];
    if (error) {
      this.#refused(call, fromAnswer(error, results && { results }));
    } else {
      this.#settle(call);
      call.outcome.resolve(answer ?? {});
    }
  }

  #failed(call: Call, port: HubPort, error: unknown): void {
    const text = textOf(error);
    const refused = fromText(text);
    if (refused) {
      this.#refused(call, refused);
    } else {
      // A connection that ended is about to say so; what fails on one that goes on is a defect.
      setTimeout(() => call.sentOn === port && this.#reject(call, new HubError("internal", text)));
    }
  }

  /**
   * The time to an answer on this connection goes on; when it is over, the last refusal is the outcome. That no agent is there is told at once, except
   * to who had to wait: after a restart of the hub clients may be back before the agents are.
   */
  #refused(call: Call, error: HubError): void {
    call.broke = 0;
    const wait = this.retryMs(call.refusals++, error);
    const left = call.timeoutMs * 2 - (Date.now() - call.sentAt);
    const passes = error.retryable && (call.waited || error.code !== "agent_not_available");
    if (call.options.repeatable && passes && wait < left) {
      this.#arm(call, wait, () => this.#go(call));
    } else {
      this.#reject(call, error);
    }
  }

  #arm(call: Call, ms: number, then: () => void): void {
    clearTimeout(call.timer);
    call.timer = setTimeout(then, ms);
  }

  #reject(call: Call, error: HubError): void {
    this.#settle(call);
    call.outcome.reject(error);
  }

  #settle(call: Call): void {
    call.sentOn = null;
    call.options.signal?.removeEventListener("abort", call.abort);
    clearTimeout(call.timer);
    this.#calls.delete(call);
    this.#changed();
  }
}

/** Why these arguments cannot be sent; null when they can, as far as is known here. */
function unsendable(args: readonly unknown[]): HubError | null {
  try {
    const long = new Blob([JSON.stringify(args)]).size > maxBytes;
    return long ? new HubError("payload_too_large", `At most ${maxBytes} bytes are allowed.`) : null;
  } catch (error) {
    return new HubError("invalid_message", textOf(error));
  }
}
