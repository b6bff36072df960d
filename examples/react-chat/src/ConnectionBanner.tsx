import { useState } from "react";
import {
  nextNotice,
  noticeTexts,
  type ConnectionNotice,
  type ConnectionState,
} from "./connection-notice.ts";

/** Says when the connection is lost, and that it is back. */
export function ConnectionBanner(state: ConnectionState) {
  const [notice, setNotice] = useState<ConnectionNotice>();
  const next = nextNotice(notice, state);
  // It depends on the notice before: React renders again at once, before anything is shown.
  if (next !== notice) setNotice(next);

  return (
    <p className="gs-banner" role="status" dir="auto" data-notice={next}>
      {next && noticeTexts[next]}
    </p>
  );
}
