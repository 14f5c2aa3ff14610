import { useOrderStatus, type Locale } from 'longpoll-react';
import { useState } from 'react';
import { Stage } from '../payment/Stage.js';
import { Summary } from '../payment/Summary.js';
import { UnderTheHood } from '../payment/UnderTheHood.js';
import { useRequests } from '../payment/useRequests.js';
import { wordsIn } from '../payment/words.js';
import { PretendPhone } from '../phone/PretendPhone.js';
import { findKept, handedView } from '../shop/keptOrders.js';
import { follow } from '../shop/router.js';
import { Tickets } from '../wallet/Tickets.js';
import { Frame } from './Frame.js';

/** A link from a mail carries the token; a browser that made the order has kept it. */
function tokenFor(orderId: string): string | undefined {
  return new URLSearchParams(location.search).get('access_token') ?? findKept(orderId)?.accessToken;
}

export function PaymentPage({ orderId }: { orderId: string }) {
  const [locale, setLocale] = useState<Locale>('en');
  const [{ kept, accessToken, initialStatus }] = useState(() => ({
    kept: findKept(orderId),
    accessToken: tokenFor(orderId),
    initialStatus: handedView(orderId),
  }));
  const { requests, watchedFetch } = useRequests();
  const payment = useOrderStatus(orderId, { accessToken, initialStatus, fetch: watchedFetch });

  const { status } = payment;
  const words = wordsIn(locale);
  const paid = status?.paymentStatus === 'completed';
  const hasTickets = status !== null && (status.tickets.length > 0 || status.fulfilment === 'pending');
  const incomplete = status?.fulfilment === 'partial' || status?.fulfilment === 'failed';
  return (
    <Frame>
      <div className="payment">
        <div className="story" lang={locale}>
          <div className="story-head">
            <p>{status && `${words.order} ${status.orderNumber}`}</p>
            <Languages locale={locale} choose={setLocale} label={words.language} />
          </div>
          <Stage payment={payment} words={words} mayTryAgain={accessToken !== undefined} />
          {paid && hasTickets && (
            <section className="got" aria-labelledby="tickets-title">
              <h2 id="tickets-title">{words.tickets}</h2>
              {incomplete && <p className="note">{words.texts.tickets.incomplete}</p>}
              <Tickets
                order={status}
                accessToken={accessToken}
                eventName={kept?.eventName ?? status.orderNumber}
                ticket={kept?.ticket ?? ''}
                expected={kept?.quantity ?? 1}
                pending={words.texts.tickets.pending}
              />
              <p>
                <a href="/wallet" onClick={follow}>
                  {words.wallet}
                </a>
              </p>
            </section>
          )}
          {status && <Summary order={status} kept={kept} words={words} />}
          {status?.settled && !paid && (
            <p className="elsewhere">
              <a href={kept ? `/events/${kept.slug}/checkout` : '/'} onClick={follow}>
                {words.otherTicket}
              </a>
            </p>
          )}
          <UnderTheHood requests={requests} connection={payment.connection} />
        </div>
        <PretendPhone phone={kept?.phone ?? null} />
      </div>
    </Frame>
  );
}

const languages: [Locale, string][] = [
  ['en', 'English'],
  ['sw', 'Kiswahili'],
];

function Languages({ locale, choose, label }: { locale: Locale; choose: (locale: Locale) => void; label: string }) {
  return (
    <div className="languages" role="group" aria-label={label}>
      {languages.map(([value, name]) => (
        <button key={value} type="button" lang={value} aria-pressed={value === locale} onClick={() => choose(value)}>
          {name}
        </button>
      ))}
    </div>
  );
}
