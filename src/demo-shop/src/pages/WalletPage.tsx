import { readOrder, type OrderView } from 'longpoll-react';
import { useEffect, useState } from 'react';
import { money } from '../shop/format.js';
import { keptOrders, type KeptOrder } from '../shop/keptOrders.js';
import { follow } from '../shop/router.js';
import { Tickets } from '../wallet/Tickets.js';
import { Frame } from './Frame.js';

export function WalletPage() {
  const [orders] = useState(keptOrders);
  return (
    <Frame title="My tickets">
      <div className="intro">
        <h1>My tickets</h1>
        <p>Everything that was bought in this browser. Show the code at the gate.</p>
      </div>
      {orders.length === 0 ? (
        <div className="card empty">
          <p>No tickets yet.</p>
          <a className="main-button" href="/" onClick={follow}>
            Choose an evening
          </a>
        </div>
      ) : (
        <ul className="wallet">
          {orders.map((kept) => (
            <li key={kept.orderId}>
              <Bought kept={kept} />
            </li>
          ))}
        </ul>
      )}
    </Frame>
  );
}

function Bought({ kept }: { kept: KeptOrder }) {
  const [order, setOrder] = useState<OrderView | 'unknown' | null>(null);
  useEffect(() => {
    let gone = false;
    const show = (view: OrderView | null) => !gone && setOrder(view ?? 'unknown');
    readOrder(kept.orderId, { accessToken: kept.accessToken }).then(show, () => show(null));
    return () => {
      gone = true;
    };
  }, [kept]);

  return (
    <article className="bought">
      <header>
        <h2>{kept.eventName}</h2>
        <p>
          {kept.quantity} × {kept.ticket} · {money(kept.unitPrice * kept.quantity, 'KES')}
        </p>
      </header>
      {order === null && <p className="quiet">One moment …</p>}
      {order === 'unknown' && <p className="note">This order cannot be read right now.</p>}
      {order !== null && order !== 'unknown' && <State order={order} kept={kept} />}
    </article>
  );
}

function State({ order, kept }: { order: OrderView; kept: KeptOrder }) {
  if (order.paymentStatus === 'completed') {
    const { accessToken, eventName, ticket, quantity } = kept;
    if (order.tickets.length === 0 && order.fulfilment !== 'pending') {
      return <p className="quiet">Paid, booking {order.bookingReference}. The tickets come by email.</p>;
    }
    return (
      <Tickets order={order} accessToken={accessToken} eventName={eventName} ticket={ticket} expected={quantity} pending="The tickets are being made." />
    );
  }
  return (
    <p className="quiet">
      {order.settled ? 'Not paid.' : 'Waiting for payment.'}{' '}
      <a href={`/payment/${order.orderId}`} onClick={follow}>
        To the payment
      </a>
    </p>
  );
}
