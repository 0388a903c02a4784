import { HubProvider } from "hubservice-client/react";
import { useEffect, useState } from "react";
import { ChatPanel } from "../chat/ChatPanel";
import type { Inspector } from "../live/inspector";
import { useStore } from "../live/store";
import { ProjectPanel } from "../project/ProjectPanel";
import { ConnectionBar } from "./ConnectionBar";
import { EventsDrawer } from "./EventsDrawer";
import { Header } from "./Header";
import { SignInPage } from "./SignInPage";
import { type Tab, Tabs } from "./Tabs";

export function App({ inspector }: { inspector: Inspector }) {
  const signIn = useStore(inspector.token.signIn);
  const [tab, setTab] = useState<Tab>("agent");
  const [drawer, setDrawer] = useState(false);

  useEffect(() => {
    // A refusal shows on the page through the sign-in state.
    inspector.token.get().catch(() => undefined);
  }, [inspector]);

  const signedIn = signIn.state === "signed_in";
  useEffect(() => {
    if (signedIn) {
      inspector.run();
    }
  }, [inspector, signedIn]);

  return (
    <HubProvider client={inspector.client}>
      <div className="app" data-tab={tab}>
        <Header
          signIn={signIn}
          drawerOpen={drawer}
          onDrawer={() => setDrawer(!drawer)}
          onOtherToken={() => inspector.token.askForAnother()}
        />
        {signIn.state === "signed_in" ? (
          <>
            <ConnectionBar inspector={inspector} />
            <Tabs tab={tab} onTab={setTab} />
            <main className="columns">
              <ChatPanel agent={inspector.agent} />
              <ProjectPanel project={inspector.project} />
            </main>
            {drawer && <EventsDrawer journal={inspector.journal} onClose={() => setDrawer(false)} />}
          </>
        ) : (
          <SignInPage signIn={signIn} token={inspector.token} />
        )}
      </div>
    </HubProvider>
  );
}
