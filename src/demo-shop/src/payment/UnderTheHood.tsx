import type { ConnectionState } from 'longpoll-react';
import { useNow } from './useNow.js';
import type { Seen } from './useRequests.js';

const words: Record<ConnectionState, string> = {
  idle: 'Nothing is open.',
  connecting: 'Asking for the first time.',
  waiting: 'One request is parked, in this tab or another.',
  polling: 'Long requests do not get through here: asking every three seconds.',
  retrying: 'Nothing gets through right now: trying again.',
};

/** What the page does on the wire: one line for a request, and how it ended. */
export function UnderTheHood({ requests, connection }: { requests: Seen[]; connection: ConnectionState }) {
  const now = useNow(requests.some(({ ended }) => ended === null));
  return (
    <details className="hood card" lang="en">
      <summary>
        Under the hood <span className="hood-state" data-connection={connection} />
      </summary>
      <p>{words[connection]}</p>
      {requests.length > 0 && (
        <ol className="wire">
          {requests.map(({ id, what, began, ended, took }) => (
            <li key={id} data-open={ended === null}>
              <code>{what}</code>
              <span>{ended ?? 'parked'}</span>
              <span className="ms">{ended === null ? `${Math.max(0, Math.round((now - began) / 1000))} s …` : `${(took / 1000).toFixed(2)} s`}</span>
            </li>
          ))}
        </ol>
      )}
    </details>
  );
}
