import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PaymentPage } from '../src/pages/PaymentPage.js';
import { keep } from '../src/shop/keptOrders.js';
import { cancelled, order, ORDER, paid, ticketed } from '../../longpoll-react/tests/support/orders.js';
import { json, problem, ScriptedServer } from '../../longpoll-react/tests/support/scriptedServer.js';

/** An order of another browser. */
const ELSEWHERE = '01a1fbc7-0000-7000-8000-000000000009';

let server: ScriptedServer;
beforeEach(() => {
  // A moment after the order's last change; only the time of day is the test's own.
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-21T10:00:02Z') });
  server = new ScriptedServer();
  localStorage.clear();
  vi.stubGlobal('fetch', (url: string, init: RequestInit) =>
    url.startsWith('/sandbox') ? Promise.resolve(json([])) : server.fetch(url, init),
  );
});
afterEach(cleanup);
afterEach(() => void vi.useRealTimers());

function bought() {
  keep(
    {
      orderId: ORDER,
      accessToken: 'agMN0w',
      phone: '+254712345678',
      slug: 'nairobi-night-jazz',
      eventName: 'Nairobi Night Jazz',
      ticket: 'Early Bird',
      quantity: 1,
      unitPrice: 300,
    },
    server.view,
  );
}

const title = () => screen.getByRole('heading', { level: 1 }).textContent;
const announce = async (view: typeof server.view, words: string) => {
  await waitFor(() => expect(server.open).toBe(1));
  act(() => server.announce(view));
  await waitFor(() => expect(title()).toBe(words));
};

describe('the payment page', () => {
  it('says what to do, and turns green with one request (rows 128, 129)', async () => {
    bought();
    render(<PaymentPage orderId={ORDER} />);
    expect(title()).toBe('Waiting for payment');
    expect(screen.getByText('Enter your M-PESA PIN and press Send.')).toBeDefined();

    await announce(paid(), 'Payment successful!');
    expect(server.seen).toHaveLength(2); // one until green, the next for the tickets
    expect(document.title).toContain('🎉');
    expect(screen.getByText('A confirmation and your tickets go to w***@example.com.')).toBeDefined();
    expect(screen.getByText('1 × Early Bird')).toBeDefined();
    expect(screen.getByText('UKLTCTGSG0')).toBeDefined();
    expect(screen.getByText('BK-H9M0PPRXXR')).toBeDefined();
  });

  it('keeps a place for the tickets until they are there (rows 95, 134, 135)', async () => {
    server.view = paid();
    bought();
    render(<PaymentPage orderId={ORDER} />);
    expect(screen.getByLabelText('Your tickets are being made.')).toBeDefined();
    await announce(ticketed(), 'Payment successful!');
    await waitFor(() => expect(screen.getByAltText('QR code, Ticket 1').getAttribute('src')).toBe(`/orders/${ORDER}/tickets/1/qr.svg?access_token=agMN0w`));
  });

  it('shows at once what was booked before it was opened (row 137)', async () => {
    server.view = ticketed({ orderId: ELSEWHERE });
    render(<PaymentPage orderId={ELSEWHERE} />);
    await waitFor(() => expect(title()).toBe('Payment successful!'));
    expect(server.waits).toHaveLength(0);
    // Without the token there is no code.
    expect(screen.queryByRole('img')).toBeNull();
  });

  it('offers Try again where it is safe, and only to who bought (row 130)', async () => {
    bought();
    const { unmount } = render(<PaymentPage orderId={ORDER} />);
    await announce(cancelled({ safeToRetry: false, reason: 'unreachable' }), 'Payment cancelled');
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();

    await waitFor(() => expect(server.open).toBe(1));
    act(() => server.announce(cancelled({ version: 4 })));
    const button = await screen.findByRole('button', { name: 'Try again' });
    server.view = order({ version: 5 });
    fireEvent.click(button);
    await waitFor(() => expect(title()).toBe('Waiting for payment'));
    expect(document.activeElement?.textContent).toBe('Waiting for payment');
    unmount();

    localStorage.clear();
    server.view = cancelled({ version: 6 });
    render(<PaymentPage orderId={ORDER} />);
    await waitFor(() => expect(title()).toBe('Payment cancelled'));
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
  });

  it('says so when there is no such order', async () => {
    server.replies.push(() => problem(404, 'There is no such order.'));
    render(<PaymentPage orderId={ELSEWHERE} />);
    await waitFor(() => expect(title()).toBe('We cannot find this payment'));
  });

  it('speaks Swahili', async () => {
    bought();
    render(<PaymentPage orderId={ORDER} />);
    fireEvent.click(screen.getByRole('button', { name: 'Kiswahili' }));
    expect(title()).toBe('Tunasubiri malipo');
    await announce(paid(), 'Malipo yamefaulu!');
  });
});
