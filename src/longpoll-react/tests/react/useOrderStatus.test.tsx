import { act, renderHook } from '@testing-library/react';
import { StrictMode } from 'react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { useOrderStatus, type UseOrderStatusOptions } from '../../src/index.js';
import { cancelled, order, ORDER, paid, ticketed } from '../support/orders.js';
import { passOnPage, givenPage } from '../support/page.js';
import { json, problem, ScriptedServer } from '../support/scriptedServer.js';

givenPage();

let server: ScriptedServer;
beforeEach(() => {
  server = new ScriptedServer();
});

function show(options: UseOrderStatusOptions = {}, orderId: string | null = ORDER) {
  return renderHook((props: UseOrderStatusOptions) => useOrderStatus(orderId, { fetch: server.fetch, ...props }), {
    initialProps: options,
  });
}

describe('useOrderStatus', () => {
  it('shows what it knows, and turns when the payment does (row 128)', async () => {
    const { result } = show();
    expect(result.current).toMatchObject({ status: null, isLoading: true, hasTimedOut: false, error: null });

    await passOnPage(0);
    expect(result.current).toMatchObject({ status: order(), isLoading: false, connection: 'waiting' });

    await passOnPage(20_000);
    act(() => server.announce(ticketed()));
    await passOnPage(0);
    expect(result.current).toMatchObject({ status: ticketed(), connection: 'idle' });
    expect(server.waits).toHaveLength(1);
  });

  it('shows what it is handed at once, and saves the first read', async () => {
    const { result } = show({ initialStatus: order() });
    expect(result.current).toMatchObject({ status: order(), isLoading: false });
    await passOnPage(0);
    expect(server.reads).toHaveLength(0);
  });

  it('tells every newer view once, also where React mounts twice', async () => {
    const onStatusChange = vi.fn();
    renderHook(() => useOrderStatus(ORDER, { fetch: server.fetch, initialStatus: order(), onStatusChange }), { wrapper: StrictMode });
    await passOnPage(1000);
    expect(server.seen).toHaveLength(1);
    expect(onStatusChange).not.toHaveBeenCalled();

    act(() => server.announce(paid()));
    await passOnPage(0);
    act(() => server.announce(ticketed()));
    await passOnPage(0);
    expect(onStatusChange.mock.calls).toEqual([[paid()], [ticketed()]]);
  });

  it('calls the newest callback and does not begin anew for it', async () => {
    const [before, after] = [vi.fn(), vi.fn()];
    const { rerender } = show({ initialStatus: order(), onStatusChange: before });
    await passOnPage(1000);
    rerender({ initialStatus: order(), onStatusChange: after });
    await passOnPage(1000);
    act(() => server.announce(ticketed()));
    await passOnPage(0);
    expect(before).not.toHaveBeenCalled();
    expect(after).toHaveBeenCalledOnce();
    expect(server.seen).toHaveLength(1);
  });

  it('waits only while enabled (rows 118, 141)', async () => {
    const { result, rerender } = show({ enabled: false });
    await passOnPage(60_000);
    expect(result.current).toMatchObject({ status: null, isLoading: false, connection: 'idle' });
    expect(server.seen).toHaveLength(0);

    rerender({ enabled: true });
    await passOnPage(0);
    expect(result.current.status).toEqual(order());
    rerender({ enabled: false });
    await passOnPage(0);
    expect(server.open).toBe(0);
  });

  it('does nothing without an order', async () => {
    const { result } = show({}, null);
    await act(() => result.current.refetch());
    await passOnPage(1000);
    expect(result.current.isLoading).toBe(false);
    expect(server.seen).toHaveLength(0);
  });

  it('leaves nothing open when it is unmounted', async () => {
    const { unmount } = show();
    await passOnPage(1000);
    unmount();
    await passOnPage(0);
    expect(server.open).toBe(0);
  });

  it('never shows a failure for a network that fails', async () => {
    const { result } = show({ initialStatus: order() });
    server.down = true;
    await passOnPage(300_000);
    expect(result.current).toMatchObject({ error: null, hasTimedOut: false, status: { paymentStatus: 'processing' }, connection: 'retrying' });
  });

  it('says so when the server does not know the order', async () => {
    server.replies.push(() => problem(404, 'There is no such order.'));
    const { result } = show();
    await passOnPage(0);
    expect(result.current).toMatchObject({ isLoading: false, error: { status: 404 } });
  });
});

describe('patience', () => {
  it('ends with a question to the provider, and only then with hasTimedOut and onTimeout (rows 51, 132)', async () => {
    const onTimeout = vi.fn();
    const { result } = show({ initialStatus: order(), timeout: 30_000, onTimeout });
    await passOnPage(30_000);
    expect(server.seen.at(-1)).toMatchObject({ method: 'POST', path: `/orders/${ORDER}/verify` });
    expect(result.current.hasTimedOut).toBe(true);
    expect(onTimeout).toHaveBeenCalledOnce();
  });

  it('is not over when the provider says that it was paid: then tickets are waited for', async () => {
    const onTimeout = vi.fn();
    const { result } = show({ initialStatus: order(), timeout: 30_000, onTimeout });
    await passOnPage(29_000);
    server.replies.push(() => json((server.view = paid())));
    await passOnPage(2000);
    expect(result.current).toMatchObject({ hasTimedOut: false, status: paid() });

    act(() => server.announce(ticketed()));
    await passOnPage(1000);
    expect(result.current.status).toEqual(ticketed());
    expect(onTimeout).not.toHaveBeenCalled();
  });

  it('takes an option that is undefined as left out', async () => {
    server.view = paid();
    const missing = undefined;
    const { result } = show({ initialStatus: paid(), timeout: missing, until: missing, hold: missing, enabled: missing, accessToken: missing });
    await passOnPage(20_000);
    expect(result.current).toMatchObject({ connection: 'waiting', hasTimedOut: false });
    act(() => server.announce(ticketed()));
    await passOnPage(1000);
    expect(result.current.status).toEqual(ticketed());
  });

  it('that ends while tickets are being made is no time-out of the payment (row 135)', async () => {
    const onTimeout = vi.fn();
    server.view = paid();
    const { result } = show({ initialStatus: paid(), timeout: 50_000, onTimeout });
    await passOnPage(60_000);
    expect(result.current).toMatchObject({ hasTimedOut: false, status: paid(), connection: 'idle' });
    expect(onTimeout).not.toHaveBeenCalled();
  });

  it('begins anew with refetch (row 119)', async () => {
    const onTimeout = vi.fn();
    const { result } = show({ initialStatus: order(), timeout: 30_000, onTimeout });
    await passOnPage(30_000);
    const before = server.seen.length;

    let refetched: Promise<void> | undefined;
    act(() => {
      refetched = result.current.refetch();
    });
    expect(result.current.isLoading).toBe(true);
    await act(() => refetched!);
    expect(server.seen[before]!.path).toBe(`/orders/${ORDER}/verify`);
    expect(result.current).toMatchObject({ isLoading: false, hasTimedOut: false });

    await passOnPage(30_000);
    expect(onTimeout).toHaveBeenCalledTimes(2);
  });
});

describe('refetch', () => {
  it('has the provider asked while the payment is open, beside the parked request', async () => {
    const { result } = show({ initialStatus: order() });
    await passOnPage(5000);
    await act(() => result.current.refetch());
    expect(server.reads.map((r) => [r.method, r.path])).toEqual([['POST', `/orders/${ORDER}/verify`]]);
    expect(server.open).toBe(1);
  });

  it('reads an order that has ended', async () => {
    const { result } = show({ initialStatus: cancelled() });
    await act(() => result.current.refetch());
    expect(server.reads.map((r) => [r.method, r.path])).toEqual([['GET', `/orders/${ORDER}`]]);
  });
});

describe('tryAgain', () => {
  it('starts another attempt after a cancelled one, and waits for it (row 130)', async () => {
    const { result } = show({ initialStatus: order(), accessToken: 'agMN0w' });
    await passOnPage(5000);
    act(() => server.announce(cancelled()));
    await passOnPage(1000);
    expect(result.current).toMatchObject({ status: { paymentStatus: 'cancelled', safeToRetry: true }, connection: 'idle' });

    server.view = order({ version: 4 });
    await act(() => result.current.tryAgain());
    expect(server.seen.at(-1)).toMatchObject({ path: `/orders/${ORDER}/wait`, query: { since: '4' } });
    expect(server.seen.at(-2)).toMatchObject({ method: 'POST', path: `/orders/${ORDER}/pay` });
    expect(server.seen.at(-2)!.headers.get('Authorization')).toBe('Bearer agMN0w');

    act(() => server.announce(ticketed({ version: 5 })));
    await passOnPage(0);
    expect(result.current.status?.paymentStatus).toBe('completed');
  });

  it('that is refused brings the page up to date: another tab was faster', async () => {
    const { result } = show({ initialStatus: cancelled(), accessToken: 'agMN0w' });
    await passOnPage(0);
    server.view = order({ version: 4 });
    server.replies.push(() => problem(409, 'An attempt is under way.'));
    await act(() => expect(result.current.tryAgain()).rejects.toMatchObject({ status: 409 }));
    expect(result.current.status?.paymentStatus).toBe('processing');
    expect(server.open).toBe(1);
  });

  it('that was refused for too many prompts says so', async () => {
    const { result } = show({ initialStatus: cancelled(), accessToken: 'agMN0w' });
    server.view = cancelled();
    server.replies.push(() => problem(429, 'At most 5 payment requests.', { 'Retry-After': '600' }));
    await act(() => expect(result.current.tryAgain()).rejects.toMatchObject({ status: 429 }));
  });

  it('whose answer was lost looks whether it has begun', async () => {
    const { result } = show({ initialStatus: cancelled(), accessToken: 'agMN0w' });
    server.replies.push(() => Promise.reject(new TypeError('reset')));
    server.view = order({ version: 4 });
    await act(() => result.current.tryAgain());
    expect(result.current.status?.paymentStatus).toBe('processing');
  });
});
