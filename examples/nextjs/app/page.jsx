import { connection } from "next/server";
import { Chat } from "./chat.jsx";

export default async function Page() {
  // The relay's URL is read when the page is asked for, not when it is built.
  await connection();
  return <Chat relayUrl={process.env.RELAY_URL ?? "/api/llm"} />;
}
