/** What a hub's connection tells, as those hear it who listen to the client. */
import { contentOf } from "./content.ts";
import type { Emitter } from "./emitter.ts";
import { HubError, textOf } from "./errors.ts";
import type { Hub, HubListener } from "./hub.ts";
import type { Settings } from "./options.ts";
import type { ClientEvents } from "./types.ts";

/** @param changed called when something of `health` is another */
export function noticesOf(
  hub: Hub,
  settings: Settings,
  emitter: Emitter<ClientEvents>,
  changed: () => void,
): HubListener {
  const trouble = (error: HubError) => {
    const heard = emitter.emit("error", { error, connectionId: [...hub.users][0]?.id });
    settings.logger(heard ? "warn" : "error", error.message, error);
  };
  return {
    status(previous) {
      const { status, error, nextRetryAt } = hub.link.state;
      const change = { previous, status, error, retryInMs: nextRetryAt && nextRetryAt - Date.now() };
      for (const { id, loss } of hub.users) {
        emitter.emit("status", { connectionId: id, ...change });
        loss(status);
      }
      changed();
    },
    recovery({ id, followers }, recovery) {
      for (const connectionId of new Set([...followers].map(({ owner }) => owner))) {
        emitter.emit("recovery", { connectionId, streamId: id, ...recovery });
      }
    },
    draining(reconnectWithinMs) {
      for (const { id } of hub.users) {
        emitter.emit("draining", { connectionId: id, reconnectWithinMs });
      }
    },
    error: trouble,
    received(method, message) {
      emitter.emit("received", { hub: hub.name, method, message });
      const { name, payload } = contentOf(Object(message));
      try {
        name && settings.validate?.(name, payload, "event", hub.name);
      } catch (error) {
        trouble(new HubError("invalid_message", `${name}: ${textOf(error)}`, Object(error)));
      }
    },
    changed,
  };
}
