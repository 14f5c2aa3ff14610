import { events } from '../shop/events.js';
import { money, when } from '../shop/format.js';
import { Poster } from '../shop/Poster.js';
import { follow } from '../shop/router.js';
import { Frame } from './Frame.js';

export function HomePage() {
  return (
    <Frame title="Events">
      <div className="intro">
        <h1>Pay on your phone, watch the page turn green.</h1>
        <p>
          Choose an evening, buy a ticket, and enter a PIN on the pretend phone. The page holds one request and is answered in
          the moment the payment arrives.
        </p>
      </div>
      <ul className="events">
        {events.map((event) => (
          <li key={event.slug}>
            <a href={`/events/${event.slug}/checkout`} onClick={follow}>
              <Poster of={event.poster} />
              <span className="event-words">
                <strong>{event.name}</strong>
                <span>{when(event.startsAt, event.timeZone)}</span>
                <span>{event.venue}</span>
                <span className="from">from {money(Math.min(...event.tickets.map(({ price }) => price)), 'KES')}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </Frame>
  );
}
