import { relay } from "../../../../lib/relay.js";

export const runtime = "nodejs";
export const dynamic = "force-dynamic";

const answer = (request) => relay().fetch(request);

export { answer as DELETE, answer as GET, answer as POST };
