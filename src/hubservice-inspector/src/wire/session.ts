/** What a hub tells a connection about itself; belongs to no stream and takes no seq. */

export interface HistoryLost {
  /** `thread:{id}` or `project:{id}`. */
  stream: string;
  from: number;
  to: number;
}

export interface StreamReset {
  stream: string;
  epoch: string;
  /** Everything above is to be discarded. */
  last_valid: number;
}

export interface SessionEvent<Payload> {
  type: string;
  payload: Payload;
}
