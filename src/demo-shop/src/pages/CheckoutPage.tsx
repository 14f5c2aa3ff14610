import { useRef, useState, type SubmitEvent } from 'react';
import { BuyerFields } from '../checkout/BuyerFields.js';
import { kenyan, placeOrder, type Placed } from '../checkout/placeOrder.js';
import type { ShopEvent } from '../shop/events.js';
import { money, when } from '../shop/format.js';
import { keep } from '../shop/keptOrders.js';
import { Poster } from '../shop/Poster.js';
import { navigate } from '../shop/router.js';
import { Frame } from './Frame.js';

const MOST = 10;

type Wrong = Extract<Placed, { wrong: object }>['wrong'];

export function CheckoutPage({ event }: { event: ShopEvent }) {
  const [ticket, setTicket] = useState(event.tickets[0]);
  const [quantity, setQuantity] = useState(1);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Wrong>({});
  const form = useRef<HTMLFormElement>(null);

  async function pay(submit: SubmitEvent<HTMLFormElement>) {
    submit.preventDefault();
    if (busy) return;
    setBusy(true);
    setWrong({});
    const data = new FormData(submit.currentTarget);
    const text = (name: string) => (data.get(name) as string).trim();
    const buyer = { email: text('email'), firstName: text('firstName'), lastName: text('lastName'), phone: text('phone') };
    const placed = await placeOrder(event, ticket, quantity, buyer);
    setBusy(false);
    if ('wrong' in placed) {
      setWrong(placed.wrong);
      const first = Object.keys(placed.wrong)[0];
      form.current?.querySelector<HTMLInputElement>(`[name="${first}"]`)?.focus();
      return;
    }

    const { order, accessToken } = placed;
    const bought = { slug: event.slug, eventName: event.name, ticket: ticket.name, quantity, unitPrice: ticket.price };
    keep({ orderId: order.orderId, accessToken, phone: kenyan(buyer.phone), ...bought }, order);
    navigate(`/payment/${order.orderId}`);
  }

  return (
    <Frame title={event.name}>
      <div className="checkout">
        <section className="billing">
          <Poster of={event.poster} />
          <h1>{event.name}</h1>
          <p className="lead">{event.tagline}</p>
          <dl className="facts">
            <dt>When</dt>
            <dd>{when(event.startsAt, event.timeZone)}</dd>
            <dt>Where</dt>
            <dd>{event.venue}</dd>
          </dl>
        </section>

        <form ref={form} className="card form" onSubmit={(submit) => void pay(submit)}>
          <fieldset className="tickets-choice">
            <legend>Which ticket?</legend>
            {event.tickets.map((type) => (
              <label key={type.name} className="choice">
                <input type="radio" name="ticket" checked={type === ticket} onChange={() => setTicket(type)} />
                <span>
                  <strong>{type.name}</strong>
                  <span>{type.about}</span>
                </span>
                <span className="price">{money(type.price, 'KES')}</span>
              </label>
            ))}
          </fieldset>

          <div className="quantity">
            <label htmlFor="quantity">How many?</label>
            <div className="stepper">
              <button type="button" aria-label="One less" disabled={quantity <= 1} onClick={() => setQuantity(quantity - 1)}>
                −
              </button>
              <input
                id="quantity"
                name="quantity"
                type="number"
                min={1}
                max={MOST}
                required
                value={quantity}
                onChange={({ target }) => setQuantity(Math.min(MOST, Math.max(1, Math.trunc(Number(target.value)))))}
              />
              <button type="button" aria-label="One more" disabled={quantity >= MOST} onClick={() => setQuantity(quantity + 1)}>
                +
              </button>
            </div>
          </div>

          <BuyerFields wrong={wrong} />

          <div className="total">
            <span>Total</span>
            <strong>{money(ticket.price * quantity, 'KES')}</strong>
          </div>
          <button type="submit" className="main-button" aria-disabled={busy}>
            {busy ? 'Sending the request to your phone…' : `Pay ${money(ticket.price * quantity, 'KES')} with M-PESA`}
          </button>
          <p role="alert" className="wrong">
            {wrong.form ?? wrong.quantity}
          </p>
        </form>
      </div>
    </Frame>
  );
}
