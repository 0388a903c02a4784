import type { SignIn } from "../live/token";

interface HeaderProps {
  signIn: SignIn;
  drawerOpen: boolean;
  onDrawer: () => void;
  onOtherToken: () => void;
}

export function Header({ signIn, drawerOpen, onDrawer, onOtherToken }: HeaderProps) {
  return (
    <header className="header">
      <div className="brand">
        <Mark />
        <h1>HubService</h1>
        <span className="brand-line">every event, in order, none missed</span>
      </div>
      {signIn.state === "signed_in" && (
        <>
          <span className="who" title={signIn.tenant ? `Tenant ${signIn.tenant}` : undefined}>
            <span className="who-name">{signIn.subject}</span>
            {signIn.tenant && <span className="who-tenant">{signIn.tenant}</span>}
          </span>
          {!signIn.development && (
            <button type="button" className="button" onClick={onOtherToken}>
              Other token
            </button>
          )}
          <button type="button" className="button" aria-expanded={drawerOpen} aria-controls="events" onClick={onDrawer}>
            Events
          </button>
        </>
      )}
    </header>
  );
}

/** Two streams that meet. */
function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M7 10h8l3 6h7M7 22h8l3-6" />
      <circle cx="7" cy="10" r="2.2" />
      <circle cx="7" cy="22" r="2.2" />
      <circle cx="25" cy="16" r="2.8" />
    </svg>
  );
}
