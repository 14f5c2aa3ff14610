import type { OrderView, TicketView } from 'longpoll-react';
import { useState } from 'react';

interface TicketsProps {
  order: OrderView;
  accessToken: string | undefined;
  eventName: string;
  ticket: string;
  /** How many were bought: so many places are kept while they are being made. */
  expected: number;
  pending: string;
}

/** The tickets of an order with their QR codes, or where they will be. */
export function Tickets({ order, accessToken, eventName, ticket, expected, pending }: TicketsProps) {
  if (order.tickets.length === 0) {
    if (order.fulfilment !== 'pending') return null;
    return (
      <ul className="stubs" aria-label={pending}>
        {Array.from({ length: expected }, (_, i) => (
          <li key={i} className="stub coming">
            <span className="stub-code" />
            <span className="stub-words">
              <strong>{eventName}</strong>
              <span>{ticket}</span>
              <span>{pending}</span>
            </span>
          </li>
        ))}
      </ul>
    );
  }
  return (
    <ul className="stubs">
      {order.tickets.map((view, i) => (
        <Stub key={view.url ?? i} view={view} number={i + 1} accessToken={accessToken} eventName={eventName} ticket={ticket} />
      ))}
    </ul>
  );
}

interface StubProps {
  view: TicketView;
  number: number;
  accessToken: string | undefined;
  eventName: string;
  ticket: string;
}

function Stub({ view, number, accessToken, eventName, ticket }: StubProps) {
  const [failed, setFailed] = useState(false);
  const token = accessToken ? `?access_token=${encodeURIComponent(accessToken)}` : '';
  const place = view.seat ? `Seat ${view.seat}` : `Ticket ${number}`;
  return (
    <li className="stub">
      <span className="stub-code">
        {view.success && view.url && accessToken && !failed && (
          <img src={`${view.url}/qr.svg${token}`} alt={`QR code, ${place}`} width="132" height="132" onError={() => setFailed(true)} />
        )}
      </span>
      <span className="stub-words">
        <strong>{eventName}</strong>
        {/* In another browser than the one that bought it, the kind of ticket is not known. */}
        <span>{ticket ? `${ticket} · ${place}` : place}</span>
        {view.success && view.url && accessToken ? (
          <a href={`${view.url}${token}`}>Open this ticket</a>
        ) : (
          <span>{view.success ? 'Opens in the browser that bought it, and from the mail.' : 'This ticket could not be made. Support has been told.'}</span>
        )}
      </span>
    </li>
  );
}
