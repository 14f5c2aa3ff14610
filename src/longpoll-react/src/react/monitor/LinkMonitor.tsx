import type { LinkStatusName, PaymentLinkStatus } from '../../engine/paymentLinks.js';
import { detailFor, textsFor, type Phase } from '../texts/texts.js';
import { usePaymentStatusPolling, type UsePaymentStatusPollingOptions } from '../usePaymentStatusPolling.js';
import { RefreshButton, StatusPanel, type MonitorLook } from './StatusPanel.js';
import { useElapsed } from './useElapsed.js';

export interface PaymentLinkMonitorProps extends MonitorLook, UsePaymentStatusPollingOptions {
  paymentLinkId: string;
  /** The link's code in the address of its pages. */
  shortCode: string;
  /** Shown until the first answer. */
  initialStatus?: LinkStatusName;
  /** Called with the first status and whenever it changes. */
  onStatusChange?: (status: PaymentLinkStatus) => void;
  /** Your router: called with `/pay/{shortCode}/success`, `…/expired` or `…/canceled` when the link is at its end. */
  navigate?: (path: string) => void;
}

const phases: Record<LinkStatusName, Phase> = {
  DRAFT: 'notOpen',
  OPEN: 'waiting',
  PAID: 'paid',
  EXPIRED: 'expired',
  CANCELED: 'cancelled',
};
const endPages: Partial<Record<LinkStatusName, string>> = { PAID: 'success', EXPIRED: 'expired', CANCELED: 'canceled' };

/** Waiting this many seconds is called long. */
const SLOW = 60;

/** The status of a payment link, kept up to date. */
export function LinkMonitor(props: PaymentLinkMonitorProps) {
  const { shortCode, initialStatus, onStatusChange, navigate, locale = 'en', texts: changes } = props;
  const { status, isLoading, hasTimedOut, refetch, connection, error } = usePaymentStatusPolling({
    ...props,
    onStatusChange: (news) => {
      onStatusChange?.(news);
      const page = endPages[news.currentStatus];
      if (page) navigate?.(`/pay/${shortCode}/${page}`);
    },
  });

  const name = status?.currentStatus ?? initialStatus;
  const open = name === 'OPEN' && !hasTimedOut && !error;
  const elapsed = useElapsed(open);
  const phase: Phase = error
    ? 'unknown'
    : !name
      ? 'loading'
      : hasTimedOut && !endPages[name]
        ? 'timedOut'
        : open && elapsed >= SLOW
          ? 'slow'
          : phases[name];

  const texts = textsFor(locale, changes);
  const receipt = status?.transactionInfo?.transactionId;
  return (
    <StatusPanel
      {...props}
      phase={phase}
      detail={detailFor(texts, phase, name === 'EXPIRED' ? 'order_expired' : null)}
      notes={[receipt ? `${texts.receipt}: ${receipt}` : null]}
      connection={connection}
      elapsed={open ? elapsed : undefined}
    >
      {(phase === 'timedOut' || phase === 'slow') && <RefreshButton texts={texts} busy={isLoading} act={refetch} />}
    </StatusPanel>
  );
}
