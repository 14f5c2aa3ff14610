/** Where the payment stands. The last four are settled. */
export type PaymentStatus = 'pending' | 'processing' | 'completed' | 'cancelled' | 'failed' | 'expired';

/** Why the payment stands where it stands, for pages to translate. A newer server may know more reasons than these. */
export type Reason =
  | 'cancelled_by_buyer'
  | 'insufficient_funds'
  | 'wrong_pin'
  | 'unreachable'
  | 'prompt_expired'
  | 'busy'
  | 'provider_down'
  | 'provider_error'
  | 'order_expired'
  | 'under_review'
  | (string & {});

/** One ticket of an order. Its page opens only with the order's access token. */
export interface TicketView {
  seat: string | null;
  success: boolean;
  url: string | null;
  error: string | null;
}

/** The order as the server shows it: the same document from every endpoint. Money is in major units (300.00). */
export interface OrderView {
  orderId: string;
  orderNumber: string;
  paymentStatus: PaymentStatus;
  status: 'pending' | 'confirmed' | 'cancelled';
  settled: boolean;
  totalAmount: number;
  currency: string;
  refundedAmount: number;
  provider: 'payhero' | 'stripe' | 'phonepe' | (string & {});
  receipt: string | null;
  /** Where the buyer pays when the provider has a page of its own. */
  checkoutUrl: string | null;
  reason: Reason | null;
  /** One English sentence for the buyer. */
  message: string;
  /** May the buyer press Try again? Never true while an earlier attempt can still succeed. */
  safeToRetry: boolean;
  customer: { firstName: string; email: string; phone: string };
  bookingReference: string | null;
  fulfilment: 'none' | 'pending' | 'completed' | 'partial' | 'failed';
  tickets: readonly TicketView[];
  /** Grows with every change and never goes back: of two views the one with the higher version is true. */
  version: number;
  createdAt: string;
  updatedAt: string;
  expiresAt: string;
}

/**
 * What a wait waits for. `settled`: the payment has ended, well or badly. `fulfilled`: also its tickets are there, or,
 * where it ended badly, the buyer may try again.
 */
export type Until = 'settled' | 'fulfilled';

/** Is there nothing more to wait for? */
export function isFinal(order: OrderView, until: Until): boolean {
  if (!order.settled || until === 'settled') return order.settled;
  // An ending without money is not the last word while an earlier attempt can still be paid: the page stays tuned.
  return order.paymentStatus === 'completed' ? order.fulfilment !== 'pending' : order.safeToRetry;
}

/** The body when it is a view of this order, else null: a hotel's log-in page also answers 200. */
export function asOrderView(body: unknown, orderId: string): OrderView | null {
  const view = body as OrderView | null;
  const isView =
    typeof view?.version === 'number' &&
    typeof view.paymentStatus === 'string' &&
    typeof view.orderId === 'string' &&
    view.orderId.toLowerCase() === orderId.toLowerCase();
  return isView ? view : null;
}
