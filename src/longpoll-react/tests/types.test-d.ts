import type { ComponentProps } from 'react';
import { describe, expectTypeOf, it } from 'vitest';
import * as engine from '../src/engine/index.js';
import {
  type PaymentStatusMonitor,
  useOrderStatus,
  usePaymentStatusPolling,
  waitForOrder,
  type ConnectionState,
  type LinkStatusName,
  type OrderView,
  type PaymentLinkStatus,
  type RefusedError,
  type WaitOutcome,
} from '../src/index.js';

describe('the types', () => {
  it('of the engine are the same at both entry points', () => {
    expectTypeOf(engine.waitForOrder).toEqualTypeOf(waitForOrder);
    expectTypeOf(waitForOrder).parameter(0).toBeString();
    expectTypeOf(waitForOrder).returns.resolves.toEqualTypeOf<WaitOutcome>();
  });

  it('of an outcome say whether there is an order', () => {
    const outcome = {} as WaitOutcome;
    if (outcome.timedOut) expectTypeOf(outcome.order).toEqualTypeOf<OrderView | null>();
    else expectTypeOf(outcome.order).toEqualTypeOf<OrderView>();
  });

  it('of useOrderStatus', () => {
    expectTypeOf(useOrderStatus).parameter(0).toEqualTypeOf<string | null | undefined>();
    expectTypeOf(useOrderStatus).toBeCallableWith('id');
    const { result } = {} as { result: ReturnType<typeof useOrderStatus> };
    expectTypeOf(result.status).toEqualTypeOf<OrderView | null>();
    expectTypeOf(result.isLoading).toBeBoolean();
    expectTypeOf(result.hasTimedOut).toBeBoolean();
    expectTypeOf(result.refetch).toEqualTypeOf<() => Promise<void>>();
    expectTypeOf(result.connection).toEqualTypeOf<ConnectionState>();
    expectTypeOf(result.error).toEqualTypeOf<RefusedError | null>();
    useOrderStatus('id', { enabled: false, timeout: 1000, onStatusChange: (order) => expectTypeOf(order).toEqualTypeOf<OrderView>(), onTimeout: () => {} });
    // @ts-expect-error a timeout is a number of milliseconds
    useOrderStatus('id', { timeout: '60s' });
  });

  it('of usePaymentStatusPolling (row 112)', () => {
    const { result } = {} as { result: ReturnType<typeof usePaymentStatusPolling> };
    expectTypeOf(result.status).toEqualTypeOf<PaymentLinkStatus | null>();
    expectTypeOf(result).toHaveProperty('isLoading').toBeBoolean();
    expectTypeOf(result).toHaveProperty('hasTimedOut').toBeBoolean();
    // @ts-expect-error the link must be named
    usePaymentStatusPolling({});
    usePaymentStatusPolling({
      paymentLinkId: 'id',
      initialInterval: 3000,
      timeout: 900_000,
      onStatusChange: (status) => expectTypeOf(status.currentStatus).toEqualTypeOf<LinkStatusName>(),
      onTimeout: () => {},
      enabled: true,
    });
  });

  it('of the monitor ask for a link with its code, or an order (row 123)', () => {
    type Props = ComponentProps<typeof PaymentStatusMonitor>;
    expectTypeOf<{ paymentLinkId: string; shortCode: string; initialStatus: 'OPEN' }>().toExtend<Props>();
    expectTypeOf<{ orderId: string }>().toExtend<Props>();
    expectTypeOf<{ paymentLinkId: string }>().not.toExtend<Props>();
    expectTypeOf<{ locale: 'en' }>().not.toExtend<Props>();
  });
});
