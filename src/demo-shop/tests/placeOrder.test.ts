import { beforeEach, describe, expect, it, vi } from 'vitest';
import { kenyan, placeOrder, type Buyer } from '../src/checkout/placeOrder.js';
import { events } from '../src/shop/events.js';
import { order } from '../../longpoll-react/tests/support/orders.js';
import { json, problem } from '../../longpoll-react/tests/support/scriptedServer.js';

const [event] = events;
const [ticket] = event.tickets;
const buyer: Buyer = { email: 'wanjiku@example.com', firstName: 'Wanjiku', lastName: 'Kamau', phone: '0712 345 678' };

interface Sent {
  key: string;
  body: Record<string, unknown>;
}
let sent: Sent[];
let replies: (() => Response | Promise<Response>)[];

beforeEach(() => {
  sent = [];
  replies = [];
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    expect(path).toBe('/orders');
    sent.push({
      key: new Headers(init.headers).get('Idempotency-Key')!,
      body: JSON.parse(init.body as string) as Record<string, unknown>,
    });
    return Promise.resolve(replies.shift()?.() ?? json({ ...order(), accessToken: 'agMN0w' }, 201));
  });
});

describe('placeOrder', () => {
  it('sends what was chosen and who buys (row 190)', async () => {
    const placed = await placeOrder(event, ticket, 2, buyer);
    expect(sent[0]!.body).toMatchObject({
      event: { id: 'nairobi-night-jazz', timeZone: 'Africa/Nairobi' },
      customer: { email: 'wanjiku@example.com', firstName: 'Wanjiku', country: 'KE', phone: '+254712345678' },
      items: [{ name: 'Early Bird', quantity: 2, unitPrice: 300 }],
      currency: 'KES',
    });
    expect(placed).toEqual({ order: order(), accessToken: 'agMN0w' });
  });

  it('is the same order when the answer was lost, and another one afterwards', async () => {
    replies.push(() => Promise.reject(new TypeError('reset')));
    expect(await placeOrder(event, ticket, 1, buyer)).toMatchObject({ wrong: { form: expect.stringContaining('not be charged twice') as string } });
    await placeOrder(event, ticket, 1, buyer);
    expect(sent[1]!.key).toBe(sent[0]!.key);
    await placeOrder(event, ticket, 1, buyer);
    expect(sent[2]!.key).not.toBe(sent[0]!.key);
  });

  it('is another order when something else is bought', async () => {
    replies.push(() => problem(503, 'Not now.'));
    await placeOrder(event, ticket, 1, buyer);
    await placeOrder(event, ticket, 2, buyer);
    expect(sent[1]!.key).not.toBe(sent[0]!.key);
  });

  it('says by field what was wrong', async () => {
    replies.push(() =>
      json({ errors: { 'customer.phone': ['Must be a Kenyan mobile number.'], 'items[0].quantity': ['Too many.'] } }, 400),
    );
    expect(await placeOrder(event, ticket, 1, buyer)).toEqual({
      wrong: { phone: 'Must be a Kenyan mobile number.', quantity: 'Too many.' },
    });
  });

  it.each([
    [() => problem(429, 'At most 5.'), /ten minutes/],
    [() => problem(503, 'The store does not answer.'), /store does not answer/],
    [() => new Response('<h1>Gateway</h1>', { status: 502 }), /could not be made/],
  ])('says in words what else went wrong', async (reply, words) => {
    replies.push(reply);
    expect(await placeOrder(event, ticket, 1, buyer)).toMatchObject({ wrong: { form: expect.stringMatching(words) as string } });
  });
});

describe('kenyan', () => {
  it.each(['0712 345 678', '712345678', '+254 712-345-678', '254712345678'])('takes %s for the same phone', (phone) => {
    expect(kenyan(phone)).toBe('+254712345678');
  });

  it('leaves what is no phone for the server to refuse', () => {
    expect(kenyan('12')).toBe('+25412');
  });
});
