/** The name and payload of an event, of one that is to be published, or of a message to the session. */
export function contentOf(message: object): { name: string; payload: unknown } {
  const { type, event } = message as { type: string; event?: { name: string; payload: unknown } };
  const { name = type, payload } = event ?? (message as { name?: string; payload: unknown });
  return { name, payload };
}
