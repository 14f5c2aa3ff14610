import type { OrderView } from 'longpoll-react';

/** What this browser remembers of an order that was made in it: the server's view does not say what was bought. */
export interface KeptOrder {
  orderId: string;
  accessToken: string;
  /** The buyer's phone, for the pretend one. */
  phone: string;
  slug: string;
  eventName: string;
  ticket: string;
  quantity: number;
  unitPrice: number;
}

const KEY = 'longpoll-shop:orders';
const AT_MOST = 20;

/** The answer to `POST /orders`, handed to the payment page: it begins with one request instead of two. */
const handed = new Map<string, OrderView>();

export function keptOrders(): KeptOrder[] {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '[]') as KeptOrder[];
  } catch {
    return [];
  }
}

export function findKept(orderId: string): KeptOrder | undefined {
  return keptOrders().find((order) => order.orderId === orderId);
}

export function keep(order: KeptOrder, view: OrderView): void {
  handed.set(order.orderId, view);
  const others = keptOrders().filter(({ orderId }) => orderId !== order.orderId);
  try {
    localStorage.setItem(KEY, JSON.stringify([order, ...others].slice(0, AT_MOST)));
  } catch {
    // Without storage the wallet stays empty; paying works all the same, and the mails bring the tickets.
  }
}

export function handedView(orderId: string): OrderView | null {
  return handed.get(orderId) ?? null;
}
