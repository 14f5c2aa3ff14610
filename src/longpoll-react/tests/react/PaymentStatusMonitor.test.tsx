import { act, fireEvent, render, screen } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { PaymentStatusMonitor, type OrderMonitorProps, type PaymentLinkMonitorProps } from '../../src/index.js';
import { cancelled, order, ORDER, paid, ticketed } from '../support/orders.js';
import { passOnPage, givenPage } from '../support/page.js';
import { LINK, link, paidLink, ScriptedLinks } from '../support/scriptedLinks.js';
import { json, problem, ScriptedServer } from '../support/scriptedServer.js';

givenPage();

describe('the monitor of a payment link', () => {
  let server: ScriptedLinks;
  beforeEach(() => {
    server = new ScriptedLinks();
  });
  const show = (props: Partial<PaymentLinkMonitorProps> = {}) =>
    render(<PaymentStatusMonitor paymentLinkId={LINK} shortCode="ABC12345" fetch={server.fetch} {...props} />);

  it('takes paymentLinkId, shortCode, initialStatus and onStatusChange (row 123)', async () => {
    const onStatusChange = vi.fn();
    show({ initialStatus: 'OPEN', onStatusChange });
    expect(screen.getByRole('heading').textContent).toBe('Waiting for payment');
    await passOnPage(0);
    expect(onStatusChange).toHaveBeenCalledWith(link());

    server.status = paidLink();
    await passOnPage(3000);
    expect(screen.getByRole('status').textContent).toContain('Payment successful!');
    expect(screen.getByText('Receipt: UKLTCTGSG0')).toBeDefined();
    expect(onStatusChange).toHaveBeenLastCalledWith(paidLink());
  });

  it.each([
    ['PAID', '/pay/ABC12345/success', 'Payment successful!'],
    ['EXPIRED', '/pay/ABC12345/expired', 'Payment request ran out'],
    ['CANCELED', '/pay/ABC12345/canceled', 'Payment cancelled'],
  ] as const)('leads from %s to %s (rows 62, 124)', async (currentStatus, path, title) => {
    const navigate = vi.fn();
    show({ navigate });
    await passOnPage(0);
    expect(navigate).not.toHaveBeenCalled();
    server.status = link({ currentStatus, updatedAt: '2026-11-21T10:05:00Z' });
    await passOnPage(3000);
    expect(navigate.mock.calls).toEqual([[path]]);
    expect(screen.getByRole('heading').textContent).toBe(title);
  });

  it('alerts when patience is over, calls onTimeout, and offers to ask again (rows 119, 122)', async () => {
    const onTimeout = vi.fn();
    show({ timeout: 10_000, onTimeout });
    await passOnPage(10_000);
    expect(screen.getByRole('alert').textContent).toContain('do not pay again');
    expect(onTimeout).toHaveBeenCalledOnce();

    let answer: ((response: Response) => void) | undefined;
    server.fetch.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
    const button = screen.getByRole('button', { name: 'Refresh status' });
    fireEvent.click(button);
    expect(button.textContent).toBe('Refreshing…');
    fireEvent.click(button); // while it is busy that asks nothing
    answer?.(json({ data: paidLink() }));
    await passOnPage(0);
    expect(screen.getByRole('heading').textContent).toBe('Payment successful!');
    expect(server.fetch).toHaveBeenCalledTimes(5);
  });

  it('says that a link is not open yet', async () => {
    server.status = link({ currentStatus: 'DRAFT' });
    show();
    expect(screen.getByRole('heading').textContent).toBe('Looking up your payment');
    await passOnPage(0);
    expect(screen.getByRole('heading').textContent).toBe('Not open for payment yet');
  });

  it('says that there is no such link', async () => {
    server.replies.push(() => problem(404, 'There is no such link.'));
    show();
    await passOnPage(0);
    expect(screen.getByRole('heading').textContent).toBe('We cannot find this payment');
  });
});

describe('the monitor of an order', () => {
  let server: ScriptedServer;
  beforeEach(() => {
    server = new ScriptedServer();
  });
  const show = (props: Partial<OrderMonitorProps> = {}) =>
    render(<PaymentStatusMonitor orderId={ORDER} fetch={server.fetch} accessToken="agMN0w" initialStatus={server.view} {...props} />);
  const announce = async (view: typeof server.view) => {
    act(() => server.announce(view));
    await passOnPage(10);
  };

  it('waits, counts the time, and turns green (row 128)', async () => {
    show();
    await passOnPage(23_000);
    expect(screen.getByRole('heading').textContent).toBe('Waiting for payment');
    expect(screen.getByText('Waiting for 0:23')).toBeDefined();
    await announce(paid());
    expect(screen.getByRole('status').textContent).toContain('Your tickets are being made.');
    await announce(ticketed());
    expect(screen.getByRole('status').textContent).not.toContain('tickets');
  });

  it('says honestly when it takes long (row 133)', async () => {
    show();
    await passOnPage(61_000);
    expect(screen.getByRole('status').textContent).toContain('longer than usual');
    expect(screen.getByRole('button', { name: 'Refresh status' })).toBeDefined();
  });

  it('says when tickets take long (row 136)', async () => {
    server.view = paid();
    show();
    await passOnPage(61_000);
    expect(screen.getByRole('status').textContent).toContain(
      'Your booking is taking longer than expected. Please check your email or contact support.',
    );
  });

  it('shows Try again only when it is safe, and what became of it (row 130)', async () => {
    show();
    await announce(cancelled({ safeToRetry: false, reason: 'unreachable' }));
    expect(screen.queryByRole('button')).toBeNull();
    expect(screen.getByRole('status').textContent).toContain('making sure that nothing was charged');

    await announce(cancelled({ version: 4 }));
    server.view = order({ version: 5 });
    server.replies.push(() => json(server.view));
    const button = screen.getByRole('button', { name: 'Try again' });
    button.focus();
    fireEvent.click(button);
    await passOnPage(10);
    expect(screen.getByRole('heading').textContent).toBe('Waiting for payment');
    // The button is gone; the focus is at the news, not at the top of the page.
    expect(document.activeElement).toBe(screen.getByRole('heading'));
  });

  it('does not take the focus of somebody who is elsewhere', async () => {
    show();
    await passOnPage(0);
    await announce(ticketed());
    expect(document.activeElement).toBe(document.body);
  });

  it.each([
    [429, 'Too many payment requests'],
    [409, 'This did not work'],
  ])('says why another try was refused (%i)', async (status, words) => {
    server.view = cancelled();
    show();
    server.replies.push(() => problem(status, 'No.'));
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await passOnPage(10);
    expect(screen.getByRole('alert').textContent).toContain(words);
  });

  it('has no Try again where it has no access token', () => {
    server.view = cancelled();
    show({ accessToken: undefined });
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('leads to the page of a provider that has one', () => {
    server.view = order({ checkoutUrl: 'https://checkout.test/c/1' });
    show();
    expect(screen.getByRole('link').getAttribute('href')).toBe('https://checkout.test/c/1');
  });

  it('says that the connection is interrupted, not that the payment failed', async () => {
    server.down = true;
    show();
    await passOnPage(30_000);
    expect(screen.getByText(/connection is interrupted/)).toBeDefined();
    expect(screen.getByRole('heading').textContent).toBe('Waiting for payment');
  });

  it('speaks Swahili, and marks it as such', async () => {
    const { container } = show({ locale: 'sw' });
    expect(container.firstElementChild?.getAttribute('lang')).toBe('sw');
    await announce(cancelled({ reason: 'insufficient_funds', paymentStatus: 'failed' }));
    expect(screen.getByRole('heading').textContent).toBe('Malipo hayakukamilika');
    expect(screen.getByText('Salio kwenye akaunti yako halikutosha.')).toBeDefined();
  });

  it('takes words of your own', () => {
    show({ texts: { titles: { waiting: 'Almost there' }, elapsed: (time) => `since ${time}` } });
    expect(screen.getByRole('heading').textContent).toBe('Almost there');
    expect(screen.getByText('since 0:00')).toBeDefined();
    expect(screen.getByText('Check your phone and enter your M-PESA PIN.')).toBeDefined();
  });

  it('brings its style sheet once', () => {
    show();
    show();
    expect(document.querySelectorAll('style[data-href="longpoll-react"]')).toHaveLength(1);
  });
});
