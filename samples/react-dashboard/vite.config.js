import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where the hub listens; pages of this machine may connect to it in Development. */
const hub = process.env.HUB_URL ?? "http://localhost:5080";

const proxy = { "/hubs": { target: hub, ws: true }, "/api": { target: hub }, "/asyncapi.json": { target: hub } };

export default defineConfig({
  base: "./",
  plugins: [react()],
  // hubservice-client is linked here, and must not bring a React of its own; an installed package needs no such line.
  resolve: { dedupe: ["react", "react-dom"] },
  server: { proxy },
  preview: { proxy },
});
