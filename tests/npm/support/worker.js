// A worker of the guide, as a test scripts it: what it does with each message is up to the test.
import * as signalR from "@microsoft/signalr";

/**
 * @param token of the same tenant as those who write to it
 * @param answer (message, publish) => Promise; publish takes an event's type and payload
 */
export async function serveGuide(url, token, answer) {
  const connection = new signalR.HubConnectionBuilder()
    .withUrl(`${url}/hubs/agent`, { accessTokenFactory: () => token })
    .configureLogging(signalR.LogLevel.None)
    .build();
  connection.on("MessageReceived", (message) => {
    const publish = (type, payload) => connection.invoke("Publish", message.thread_id, [{ type, run_id: message.run_id, agent_name: "guide", payload }]);
    return answer(message, publish);
  });
  await connection.start();
  const served = await connection.invoke("ServeAgents", ["guide"], 10);
  if (served.error) throw new Error(served.error.message);
  return connection;
}
