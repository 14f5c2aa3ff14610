import type { OrderView } from '../../src/engine/orderView.js';

export const ORDER = '01a1fbc7-0000-7000-8000-000000000001';

/** A view as the server shows it: being paid, version 2. */
export function order(changes: Partial<OrderView> = {}): OrderView {
  return {
    orderId: ORDER,
    orderNumber: 'XM26QJTC',
    paymentStatus: 'processing',
    status: 'pending',
    settled: false,
    totalAmount: 300,
    currency: 'KES',
    refundedAmount: 0,
    provider: 'payhero',
    receipt: null,
    checkoutUrl: null,
    reason: null,
    message: 'Check your phone and enter your M-PESA PIN',
    safeToRetry: false,
    customer: { firstName: 'Wanjiku', email: 'w***@example.com', phone: '2547*****678' },
    bookingReference: null,
    fulfilment: 'none',
    tickets: [],
    version: 2,
    createdAt: '2026-11-21T10:00:00Z',
    updatedAt: '2026-11-21T10:00:01Z',
    expiresAt: '2026-11-21T10:15:00Z',
    ...changes,
  };
}

export function paid(changes: Partial<OrderView> = {}): OrderView {
  return order({
    paymentStatus: 'completed',
    status: 'confirmed',
    settled: true,
    receipt: 'UKLTCTGSG0',
    bookingReference: 'BK-H9M0PPRXXR',
    fulfilment: 'pending',
    version: 3,
    ...changes,
  });
}

export function ticketed(changes: Partial<OrderView> = {}): OrderView {
  const tickets = [{ seat: null, success: true, url: `/orders/${ORDER}/tickets/1`, error: null }];
  return paid({ fulfilment: 'completed', tickets, version: 4, ...changes });
}

export function cancelled(changes: Partial<OrderView> = {}): OrderView {
  return order({
    paymentStatus: 'cancelled',
    status: 'cancelled',
    settled: true,
    reason: 'cancelled_by_buyer',
    safeToRetry: true,
    version: 3,
    ...changes,
  });
}
