/** The hub methods that a caller may name, typed from the contract. */
import type { AgentHubMethods, ProjectHubMethods } from "./contracts.ts";
import type { AgentConnectionId, ConnectionId } from "./types.ts";

type Methods<Id extends ConnectionId> = Id extends AgentConnectionId ? AgentHubMethods : ProjectHubMethods;
/** Subscribe and the token belong to the client; a stream is sent by SignalR alone. */
export type Method<Id extends ConnectionId> = Exclude<
  keyof Methods<Id>,
  "Subscribe" | "Unsubscribe" | "RefreshToken" | "PublishStream"
>;
export type Arguments<Id extends ConnectionId, Name extends Method<Id>> = Methods<Id>[Name] extends (
  ...args: infer Args
) => unknown
  ? Args
  : never;
/** What a method answers when it was not refused; a refusal is a `HubError`. */
export type Answer<Id extends ConnectionId, Name extends Method<Id>> = Methods<Id>[Name] extends (
  ...args: never[]
) => Promise<infer Result>
  ? Omit<Result, "error">
  : never;
