import { act, renderHook } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { checkPaymentLink, usePaymentStatusPolling, type UsePaymentStatusPollingOptions } from '../../src/index.js';
import { bringBack, putAway } from '../support/browser.js';
import { passOnPage, givenPage } from '../support/page.js';
import { LINK, link, paidLink, ScriptedLinks } from '../support/scriptedLinks.js';
import { problem } from '../support/scriptedServer.js';

givenPage();

let server: ScriptedLinks;
beforeEach(() => {
  server = new ScriptedLinks();
});

function show(options: Partial<UsePaymentStatusPollingOptions> = {}) {
  return renderHook(
    (props: Partial<UsePaymentStatusPollingOptions>) => usePaymentStatusPolling({ paymentLinkId: LINK, fetch: server.fetch, ...props }),
    { initialProps: options },
  );
}

describe('usePaymentStatusPolling', () => {
  it('returns status, isLoading, hasTimedOut and refetch for a paymentLinkId (rows 112, 113)', async () => {
    const { result } = show();
    expect(result.current).toMatchObject({ status: null, isLoading: true, hasTimedOut: false });
    await passOnPage(0);
    expect(server.paths).toEqual([`/payment-links/${LINK}/status`]);
    expect(result.current).toMatchObject({ status: link(), isLoading: false, hasTimedOut: false });
    expect(result.current.refetch).toBeTypeOf('function');
  });

  it('asks every 3 s (row 114)', async () => {
    show();
    await passOnPage(9000);
    expect(server.times).toEqual([0, 3, 6, 9]);
  });

  it('asks as often as initialInterval says (row 114)', async () => {
    show({ initialInterval: 5000 });
    await passOnPage(10_000);
    expect(server.times).toEqual([0, 5, 10]);
  });

  it('stops after 15 minutes, shows it, and calls onTimeout once (rows 115, 117, 121, 122)', async () => {
    const onTimeout = vi.fn();
    const { result } = show({ onTimeout });
    await passOnPage(900_000 - 1);
    expect(result.current.hasTimedOut).toBe(false);
    await passOnPage(1);
    expect(result.current.hasTimedOut).toBe(true);
    expect(onTimeout).toHaveBeenCalledOnce();

    const asked = server.times.length;
    await passOnPage(60_000);
    expect(server.times).toHaveLength(asked);
  });

  it('stops after the timeout that it is given (row 115)', async () => {
    const { result } = show({ timeout: 10_000 });
    await passOnPage(10_000);
    expect(result.current.hasTimedOut).toBe(true);
  });

  it('calls onStatusChange with the first status and with each change (row 116)', async () => {
    const onStatusChange = vi.fn();
    show({ onStatusChange });
    await passOnPage(6000);
    expect(onStatusChange.mock.calls).toEqual([[link()]]);
    server.status = paidLink();
    await passOnPage(3000);
    expect(onStatusChange.mock.calls).toEqual([[link()], [paidLink()]]);
  });

  it('begins when it is enabled (row 118)', async () => {
    const { result, rerender } = show({ enabled: false });
    await passOnPage(10_000);
    expect(server.times).toEqual([]);
    expect(result.current.isLoading).toBe(false);
    rerender({ enabled: true });
    await passOnPage(0);
    expect(server.times).toEqual([0]);
    rerender({ enabled: false });
    await passOnPage(10_000);
    expect(server.times).toEqual([0]);
  });

  it('asks at once on refetch, and is loading meanwhile (row 119)', async () => {
    const { result } = show();
    await passOnPage(1000);
    let refetched: Promise<void> | undefined;
    act(() => {
      refetched = result.current.refetch();
    });
    expect(result.current.isLoading).toBe(true);
    await act(() => refetched!);
    expect(result.current.isLoading).toBe(false);
    expect(server.times).toEqual([0, 1]);
  });

  it('begins anew with refetch after a time-out', async () => {
    const onTimeout = vi.fn();
    const { result } = show({ timeout: 10_000, onTimeout });
    await passOnPage(10_000);
    await act(() => result.current.refetch());
    expect(result.current.hasTimedOut).toBe(false);
    await passOnPage(10_000);
    expect(onTimeout).toHaveBeenCalledTimes(2);
  });

  it('backs off 6, 12, 24, 30, 30 s on errors and returns to 3 s on success (row 120)', async () => {
    show();
    await passOnPage(0);
    server.down = true;
    await passOnPage((3 + 6 + 12 + 24 + 30) * 1000);
    server.down = false;
    await passOnPage(33_000);
    expect(server.times).toEqual([0, 3, 9, 21, 45, 75, 105, 108]);
  });

  it('waits as long as a 429 says (rows 138, 162)', async () => {
    server.replies.push(() => problem(429, 'Too many requests.', { 'Retry-After': '40' }));
    show();
    await passOnPage(43_000);
    expect(server.times).toEqual([0, 40, 43]);
  });

  it.each(['PAID', 'EXPIRED', 'CANCELED'] as const)('stops on %s (rows 121, 141)', async (currentStatus) => {
    const { result } = show();
    await passOnPage(0);
    server.status = link({ currentStatus, updatedAt: '2026-11-21T10:05:00Z' });
    await passOnPage(60_000);
    expect(server.times).toEqual([0, 3]);
    expect(result.current).toMatchObject({ hasTimedOut: false, status: { currentStatus } });
  });

  it('leads to the success page by onStatusChange (row 124)', async () => {
    const push = vi.fn();
    show({
      onStatusChange: (status) => {
        if (status.currentStatus === 'PAID') push(`/pay/${status.shortCode}/success`);
      },
    });
    server.status = paidLink();
    await passOnPage(3000);
    expect(push.mock.calls).toEqual([['/pay/ABC12345/success']]);
  });

  it('does not go back for a node that lags behind', async () => {
    const { result } = show();
    server.status = link({ lastEventType: 'OPENED', updatedAt: '2026-11-21T10:02:00Z' });
    await passOnPage(0);
    server.status = link();
    await passOnPage(3000);
    expect(result.current.status?.lastEventType).toBe('OPENED');
  });

  it('does not ask while the page is put away, and at once when it is back', async () => {
    show();
    await passOnPage(4000);
    act(putAway);
    await passOnPage(60_000);
    expect(server.times).toEqual([0, 3]);
    act(bringBack);
    await passOnPage(0);
    expect(server.times).toEqual([0, 3, 64]);
  });

  it('says so when there is no such link', async () => {
    server.replies.push(() => problem(404, 'There is no such link.'));
    const { result } = show();
    await passOnPage(10_000);
    expect(result.current).toMatchObject({ isLoading: false, error: { status: 404 } });
    expect(server.times).toEqual([0]);
  });
});

describe('checkPaymentLink', () => {
  it('asks once and prints status, last event and transaction (row 125)', async () => {
    const print = vi.spyOn(console, 'debug').mockReturnValue();
    server.status = paidLink();
    expect(await checkPaymentLink(LINK, { fetch: server.fetch })).toEqual(paidLink());
    expect(print).toHaveBeenCalledWith('Payment link: PAID, PAID, UKLTCTGSG0');
  });
});
