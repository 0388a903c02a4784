import { type ReactNode, useId } from "react";

interface CardProps {
  title: string;
  aside?: ReactNode;
  wide?: boolean;
  className?: string;
  /** What stands in the card's room until there is something to show. */
  empty?: string | null;
  children: ReactNode;
}

export function Card({ title, aside, wide = false, className = "", empty = null, children }: CardProps) {
  const id = useId();
  return (
    <section className={`card ${wide ? "wide" : ""} ${className}`} aria-labelledby={id}>
      <header className="card-head">
        <h3 id={id}>{title}</h3>
        {aside && <span className="card-aside">{aside}</span>}
      </header>
      {empty === null ? children : <p className="empty">{empty}</p>}
    </section>
  );
}
