import { type KeyboardEvent, useState } from "react";

interface ComposerProps {
  label: string;
  placeholder: string;
  disabled?: boolean;
  busy: boolean;
  /** False keeps the text, so that nothing typed is lost. */
  onSend: (text: string) => Promise<boolean>;
}

export function Composer({ label, placeholder, disabled = false, busy, onSend }: ComposerProps) {
  const [text, setText] = useState("");
  const send = async () => {
    const trimmed = text.trim();
    if (trimmed && !busy && !disabled && (await onSend(trimmed))) {
      setText((now) => (now.trim() === trimmed ? "" : now));
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      void send();
    }
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <textarea
        className="field"
        aria-label={label}
        placeholder={placeholder}
        rows={1}
        maxLength={32000}
        value={text}
        disabled={disabled}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <button type="submit" className="button primary" disabled={busy || disabled || !text.trim()}>
        Send
      </button>
    </form>
  );
}
