import { Chat } from "./Chat";
import { Health } from "./Health";
import { LostToast } from "./LostToast";
import { Project } from "./Project";

export function App({ projectId }: { projectId: string }) {
  return (
    <>
      <header>
        <h1>Dashboard</h1>
        <Health />
      </header>
      <main>
        <Chat />
        <Project projectId={projectId} />
      </main>
      <LostToast />
    </>
  );
}
