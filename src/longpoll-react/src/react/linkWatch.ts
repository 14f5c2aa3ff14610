import type { ConnectionState } from '../engine/options.js';
import { checkPaymentLink, isFinalLink, pollPaymentLink, type PaymentLinkStatus, type PollOptions } from '../engine/paymentLinks.js';
import { RefusedError } from '../engine/request.js';
import { Store } from './store.js';

export interface LinkState {
  status: PaymentLinkStatus | null;
  isAsking: boolean;
  hasTimedOut: boolean;
  connection: ConnectionState;
  error: RefusedError | null;
}

export type LinkWatchOptions = Omit<PollOptions, 'signal' | 'onUpdate' | 'onConnection'>;

/** Polls one payment link on behalf of a page, and keeps what is known in a store. Knows nothing of React. */
export class LinkWatch {
  readonly store = new Store<LinkState>({
    status: null,
    isAsking: false,
    hasTimedOut: false,
    connection: 'idle',
    error: null,
  });
  private poll: AbortController | null = null;
  private enabled = false;

  constructor(
    private readonly paymentLinkId: string | null,
    private options: LinkWatchOptions = {},
  ) {}

  /** Counts for whatever is asked from now on. */
  configure(options: LinkWatchOptions): void {
    this.options = options;
  }

  /** Polls until the link is at its end, or the returned function is called. */
  start(): () => void {
    this.enabled = true;
    void this.run();
    return () => {
      this.enabled = false;
      this.poll?.abort();
      this.poll = null;
    };
  }

  /** Asks now. After patience is over it begins anew. */
  refetch = async (): Promise<void> => {
    if (this.paymentLinkId === null || this.store.get().isAsking) return;
    this.store.set({ isAsking: true });
    try {
      const status = await checkPaymentLink(this.paymentLinkId, this.options);
      if (status) this.store.set({ status, error: null });
    } catch (error) {
      this.refused(error);
    } finally {
      this.store.set({ isAsking: false, hasTimedOut: false });
    }
    if (this.enabled && !this.poll) void this.run();
  };

  private async run(): Promise<void> {
    const { status } = this.store.get();
    if (this.paymentLinkId === null || (status && isFinalLink(status.currentStatus))) return;
    const mine = (this.poll = new AbortController());
    try {
      const { timedOut } = await pollPaymentLink(this.paymentLinkId, {
        ...this.options,
        signal: mine.signal,
        onUpdate: (news) => this.store.set({ status: news }),
        onConnection: (connection) => this.store.set({ connection }),
      });
      this.store.set({ hasTimedOut: timedOut });
    } catch (error) {
      if (!mine.signal.aborted) this.refused(error);
    } finally {
      if (this.poll === mine) this.poll = null;
    }
  }

  private refused(error: unknown): void {
    if (!(error instanceof RefusedError)) throw error;
    this.store.set({ error });
  }
}
