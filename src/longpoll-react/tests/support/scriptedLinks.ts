import { vi } from 'vitest';
import type { PaymentLinkStatus } from '../../src/engine/paymentLinks.js';
import { json } from './scriptedServer.js';

export const LINK = 'link-1';

/** The status of a link as the server shows it: open. */
export function link(changes: Partial<PaymentLinkStatus> = {}): PaymentLinkStatus {
  return {
    id: LINK,
    shortCode: 'ABC12345',
    currentStatus: 'OPEN',
    statusMessage: 'Awaiting payment',
    lastEventType: 'CREATED',
    lastEventTimestamp: '2026-11-21T10:00:00Z',
    paymentMethod: null,
    transactionInfo: null,
    expiresAt: '2026-11-22T10:00:00Z',
    isExpired: false,
    updatedAt: '2026-11-21T10:00:00Z',
    ...changes,
  };
}

export function paidLink(): PaymentLinkStatus {
  return link({
    currentStatus: 'PAID',
    statusMessage: 'Paid',
    lastEventType: 'PAID',
    paymentMethod: 'M-PESA',
    transactionInfo: { transactionId: 'UKLTCTGSG0' },
    updatedAt: '2026-11-21T10:05:00Z',
  });
}

/** A server that keeps one payment link. `replies` are for the next requests. */
export class ScriptedLinks {
  status = link();
  down = false;
  readonly replies: (() => Response)[] = [];
  /** When each request came, in seconds since the first. */
  get times(): number[] {
    return this.came.map((at) => (at - this.came[0]!) / 1000);
  }
  readonly paths: string[] = [];
  private readonly came: number[] = [];

  readonly fetch = vi.fn((url: string): Promise<Response> => {
    this.came.push(Date.now());
    this.paths.push(url);
    if (this.down) return Promise.reject(new TypeError('Failed to fetch'));
    return Promise.resolve(this.replies.shift()?.() ?? json({ data: this.status }));
  });
}
