const questions = [
  "What happens when a subscriber is slow?",
  "How does a client resume after a reconnect?",
  "What is 17 * 23 + 4?",
];

export function Suggestions({ disabled, onPick }: { disabled: boolean; onPick: (text: string) => void }) {
  return (
    <div className="suggestions">
      <h3>What can the agent do for you?</h3>
      <p className="muted">You will see each thought, tool and word as it happens, and miss none of it.</p>
      <ul>
        {questions.map((question) => (
          <li key={question}>
            <button type="button" className="suggestion" disabled={disabled} onClick={() => onPick(question)}>
              {question}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
