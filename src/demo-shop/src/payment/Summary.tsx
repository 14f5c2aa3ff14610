import type { OrderView } from 'longpoll-react';
import { money } from '../shop/format.js';
import type { KeptOrder } from '../shop/keptOrders.js';
import type { Words } from './words.js';

/** What was bought and what was paid for it. */
export function Summary({ order, kept, words }: { order: OrderView; kept: KeptOrder | undefined; words: Words }) {
  return (
    <section className="card summary" aria-labelledby="summary-title">
      <h2 id="summary-title">{words.summary}</h2>
      <dl>
        <dt>{words.order}</dt>
        <dd>{order.orderNumber}</dd>
        {kept && (
          <>
            <dt>{kept.eventName}</dt>
            <dd>
              {kept.quantity} × {kept.ticket}
            </dd>
          </>
        )}
        <dt>{words.total}</dt>
        <dd>{money(order.totalAmount, order.currency)}</dd>
        {order.receipt && (
          <>
            <dt>{words.receipt}</dt>
            <dd>{order.receipt}</dd>
          </>
        )}
        {order.bookingReference && (
          <>
            <dt>{words.booking}</dt>
            <dd>{order.bookingReference}</dd>
          </>
        )}
      </dl>
    </section>
  );
}
