import type { Inbox } from './inbox.ts';
import { type ReadMessage, readMessage, readText } from './message.ts';
import type { Connection } from './receive.ts';

/** A message of the inbox: as it came, or the text that somebody put in its place. */
export function readKept(inbox: Pick<Inbox, 'contentOf'>, id: number, connection: Connection): ReadMessage {
  const { raw, corrected } = inbox.contentOf(id);
  return corrected === undefined ? readMessage(raw, connection.characterSet) : readText(corrected);
}
