import { given, type ConnectionState, type WaitOptions } from '../engine/options.js';
import type { OrderView } from '../engine/orderView.js';
import { payAgain, readOrder, verifyOrder } from '../engine/orders.js';
import { RefusedError } from '../engine/request.js';
import { waitForOrder } from '../engine/waitForOrder.js';
import { Store } from './store.js';

export interface OrderState {
  status: OrderView | null;
  /** A request of the page's own is under way: a refetch, or another try. */
  isAsking: boolean;
  hasTimedOut: boolean;
  connection: ConnectionState;
  error: RefusedError | null;
}

export type OrderWatchOptions = Omit<WaitOptions, 'signal' | 'initial' | 'onUpdate' | 'onConnection'>;

/** Waits for one order on behalf of a page, and keeps what is known in a store. Knows nothing of React. */
export class OrderWatch {
  readonly store: Store<OrderState>;
  private wait: AbortController | null = null;
  private enabled = false;

  constructor(
    private readonly orderId: string | null,
    readonly initial: OrderView | null,
    private options: OrderWatchOptions = {},
  ) {
    this.store = new Store<OrderState>({
      status: initial,
      isAsking: false,
      hasTimedOut: false,
      connection: 'idle',
      error: null,
    });
  }

  /** Counts for whatever is asked from now on. */
  configure(options: OrderWatchOptions): void {
    this.options = options;
  }

  /** Waits until there is nothing more to wait for, or the returned function is called. */
  start(): () => void {
    this.enabled = true;
    void this.run();
    return () => {
      this.enabled = false;
      this.wait?.abort();
      this.wait = null;
    };
  }

  /** Asks now; while the payment is open the server asks the provider. After patience is over it begins anew. */
  refetch = async (): Promise<void> => {
    const { orderId, options } = this;
    if (orderId === null || this.store.get().isAsking) return;
    // What the server knows of an open payment the parked request would have brought.
    const isOpen = this.store.get().status?.settled === false;
    await this.busy(() => (isOpen ? verifyOrder : readOrder)(orderId, options));
    this.resume();
  };

  /** Starts a new attempt to pay. Rejects with a {@link RefusedError} where that is not allowed now. */
  tryAgain = async (): Promise<void> => {
    const { orderId, options } = this;
    if (orderId === null || this.store.get().isAsking) return;
    try {
      // Without an answer the attempt may have begun all the same: the order says so.
      await this.busy(async () => (await payAgain(orderId, options)) ?? (await readOrder(orderId, options)), true);
    } catch (refusal) {
      // Refused means that the page is behind: another tab has tried again, or money has come.
      await this.busy(() => readOrder(orderId, options));
      throw refusal;
    } finally {
      this.resume();
    }
  };

  private resume(): void {
    this.store.set({ hasTimedOut: false });
    if (this.enabled && !this.wait) void this.run();
  }

  private async run(): Promise<void> {
    const { orderId, options } = this;
    if (orderId === null) return;
    const mine = (this.wait = new AbortController());
    try {
      const { timedOut } = await waitForOrder(orderId, {
        until: 'fulfilled',
        ...given(options),
        signal: mine.signal,
        initial: this.store.get().status,
        onUpdate: (view) => this.take(view),
        onConnection: (connection) => this.store.set({ connection }),
      });
      if (timedOut && (await this.lastResort(orderId)) && !mine.signal.aborted) void this.run();
    } catch (error) {
      if (mine.signal.aborted) return;
      if (!(error instanceof RefusedError)) throw error;
      this.store.set({ error });
    } finally {
      if (this.wait === mine) this.wait = null;
    }
  }

  /**
   * Patience is over: before the page says so, the server asks the provider. True when that settled the payment, and
   * only tickets are still to come. A paid order is never called late.
   */
  private async lastResort(orderId: string): Promise<boolean> {
    if (this.store.get().status?.settled) return false;
    this.take(await verifyOrder(orderId, this.options));
    const settled = this.store.get().status?.settled ?? false;
    if (!settled && this.enabled) this.store.set({ hasTimedOut: true });
    return settled;
  }

  private async busy(ask: () => Promise<OrderView | null>, passOn = false): Promise<void> {
    this.store.set({ isAsking: true });
    try {
      this.take(await ask());
    } catch (error) {
      if (passOn || !(error instanceof RefusedError)) throw error;
      this.store.set({ error });
    } finally {
      this.store.set({ isAsking: false });
    }
  }

  private take(view: OrderView | null): void {
    const { status } = this.store.get();
    if (view && (!status || view.version > status.version)) this.store.set({ status: view, error: null });
  }
}
