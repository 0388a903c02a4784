import { useState } from "react";
import type { SignIn, TokenSource } from "../live/token";

export function SignInPage({ signIn, token }: { signIn: Exclude<SignIn, { state: "signed_in" }>; token: TokenSource }) {
  switch (signIn.state) {
    case "asking":
      return (
        <main className="gate">
          <p role="status">Signing in…</p>
        </main>
      );
    case "unreachable":
      return (
        <main className="gate">
          <section className="gate-card" aria-labelledby="gate-title">
            <h2 id="gate-title">The service does not answer</h2>
            <p role="alert">{signIn.message}</p>
            <button type="button" className="button primary" onClick={() => void token.get().catch(() => undefined)}>
              Try again
            </button>
          </section>
        </main>
      );
    case "paste":
      return <PasteToken message={signIn.message} onToken={(text) => token.paste(text)} />;
  }
}

function PasteToken({ message, onToken }: { message: string | null; onToken: (text: string) => void }) {
  const [text, setText] = useState("");
  return (
    <main className="gate">
      <form
        className="gate-card"
        onSubmit={(event) => {
          event.preventDefault();
          onToken(text);
        }}
      >
        <h2>Sign in</h2>
        <p>Paste an access token; it stays in this tab’s memory. (Development sign-in is off here.)</p>
        <label htmlFor="token">Access token</label>
        <textarea
          id="token"
          className="field mono"
          rows={4}
          value={text}
          onChange={(event) => setText(event.target.value)}
          aria-describedby={message ? "token-error" : undefined}
          aria-invalid={message !== null}
          spellCheck={false}
          autoComplete="off"
        />
        {message && (
          <p id="token-error" className="error-text" role="alert">
            {message}
          </p>
        )}
        <button type="submit" className="button primary" disabled={!text.trim()}>
          Sign in
        </button>
      </form>
    </main>
  );
}
