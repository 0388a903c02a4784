import { firstPrompt } from "../live/project";

export function Fresh({ busy, onStart }: { busy: boolean; onStart: () => void }) {
  return (
    <section className="banner fresh" aria-label="Start">
      <div className="banner-text">
        <p className="banner-title">Nothing has happened here yet</p>
        <p className="banner-message">“{firstPrompt}”</p>
      </div>
      <div className="banner-buttons">
        <button type="button" className="button primary" disabled={busy} onClick={onStart}>
          Start the pipeline
        </button>
      </div>
    </section>
  );
}
