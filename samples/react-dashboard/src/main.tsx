import { HubClient } from "hubservice-client";
import { HubProvider } from "hubservice-client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { checks } from "./checks";
import { developmentToken } from "./token";
import "./style.css";

const fields = new URLSearchParams(window.location.search);
// The same origin by default; `?hub=http://localhost:5080` for a hub elsewhere.
const url = fields.get("hub") ?? window.location.origin;
const client = new HubClient({ url, sessionToken: developmentToken(url), ...checks(url) });

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <HubProvider client={client}>
        <App projectId={fields.get("project") ?? "demo"} />
      </HubProvider>
    </StrictMode>,
  );
}
