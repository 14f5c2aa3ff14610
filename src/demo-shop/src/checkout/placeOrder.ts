import type { OrderView } from 'longpoll-react';
import type { ShopEvent, TicketType } from '../shop/events.js';

/** What the buyer fills in. */
export interface Buyer {
  email: string;
  firstName: string;
  lastName: string;
  /** Without the country, as people say it: 0712 345 678. */
  phone: string;
}

export type Placed =
  | { order: OrderView; accessToken: string }
  /** By field of the form; `form` is for all of it. */
  | { wrong: Partial<Record<keyof Buyer | 'quantity' | 'form', string>> };

/** The same order sent again, after a lost answer or by a second click, is the same order for the server. */
let last = { body: '', key: '' };

export async function placeOrder(event: ShopEvent, ticket: TicketType, quantity: number, buyer: Buyer): Promise<Placed> {
  const { slug, name, startsAt, timeZone, venue, organizerEmail } = event;
  const body = JSON.stringify({
    event: { id: slug, name, startsAt, timeZone, venue, organizerEmail },
    customer: { ...buyer, country: 'KE', phone: kenyan(buyer.phone) },
    items: [{ name: ticket.name, quantity, unitPrice: ticket.price }],
    currency: 'KES',
  });
  if (body !== last.body) last = { body, key: crypto.randomUUID() };

  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': last.key };
  const response = await fetch('/orders', { method: 'POST', headers, body }).catch(() => null);
  if (!response) {
    return { wrong: { form: 'The shop could not be reached. Press the button again: you will not be charged twice.' } };
  }

  const answer = (await response.json().catch(() => null)) as Answer | null;
  if (response.status === 201 && answer && 'accessToken' in answer) {
    const { accessToken, ...order } = answer;
    // Bought again with the same words it is another order.
    last = { body: '', key: '' };
    return { order, accessToken };
  }
  return { wrong: wrongFields(response.status, answer as Problem | null) };
}

/** 0712 345 678, 712345678 and +254 712 345678 are the same phone. What is no phone is left for the server to refuse. */
export function kenyan(phone: string): string {
  return `+254${phone.replace(/[\s()-]/g, '').replace(/^(\+?254|0)/, '')}`;
}

type Answer = (OrderView & { accessToken: string }) | Problem;
interface Problem {
  detail?: string;
  errors?: Record<string, string[]>;
}

const fields: Record<string, keyof Buyer | 'quantity'> = {
  'customer.email': 'email',
  'customer.firstName': 'firstName',
  'customer.lastName': 'lastName',
  'customer.phone': 'phone',
  'items[0].quantity': 'quantity',
};

function wrongFields(status: number, problem: Problem | null): Partial<Record<keyof Buyer | 'quantity' | 'form', string>> {
  if (status === 429) return { form: 'Too many payment requests went to this phone. Please wait ten minutes.' };
  const known = Object.entries(problem?.errors ?? {}).flatMap(([field, why]) =>
    fields[field] ? [[fields[field], why.join(' ')] as const] : [],
  );
  if (known.length > 0) return Object.fromEntries(known);
  return { form: problem?.detail ?? 'The order could not be made. Please try again.' };
}
