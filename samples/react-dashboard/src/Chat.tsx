import { useGuideChat } from "hubservice-client/react";
import { type FormEvent, useState } from "react";

export function Chat() {
  const { messages, agent, error, send, retry, stop, clearError } = useGuideChat();
  const [text, setText] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) {
      // A message that fails says so itself, and can be sent again.
      void send(text);
      setText("");
    }
  };
  return (
    <section aria-label="Chat">
      <h2>Guide</h2>
      <ol className="messages">
        {messages.map((message) => (
          <li key={message.id} data-role={message.role} data-state={message.state}>
            {message.text}
            {message.state === "failed" && message.role === "user" && (
              <button type="button" onClick={() => void retry(message.id)}>
                Send again
              </button>
            )}
          </li>
        ))}
      </ol>
      <p role="status">{agent === "idle" ? "" : `The agent is ${agent.replaceAll("_", " ")}.`}</p>
      {error && (
        <p role="alert">
          {error.message}
          <button type="button" onClick={clearError}>
            Close
          </button>
        </p>
      )}
      <form onSubmit={submit}>
        <input aria-label="Message" value={text} onChange={(event) => setText(event.target.value)} />
        <button type="submit">Send</button>
        <button type="button" disabled={agent === "idle" || agent === "error"} onClick={() => void stop()}>
          Stop
        </button>
      </form>
    </section>
  );
}
