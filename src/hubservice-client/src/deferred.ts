import { HubError } from "./errors.ts";

/** A promise that is settled from outside; a rejection that nobody awaits is no unhandled one. */
export interface Deferred<Value> {
  promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: unknown): void;
}

export function deferred<Value>(): Deferred<Value> {
  const made = {} as Deferred<Value>;
  made.promise = new Promise<Value>((resolve, reject) => {
    made.resolve = resolve;
    made.reject = reject;
  });
  made.promise.catch(() => {});
  return made;
}

/** The promise, or a rejection with `not_connected` when it takes longer than so many ms; 0 for no limit. */
export function within<Value>(promise: Promise<Value>, ms: number): Promise<Value> {
  const limit = deferred<never>();
  const late = () => limit.reject(new HubError("not_connected", "The hub did not answer in time."));
  const timer = ms > 0 ? setTimeout(late, ms) : undefined;
  return Promise.race([promise, limit.promise]).finally(() => clearTimeout(timer));
}
