'use client';

import { LinkMonitor, type PaymentLinkMonitorProps } from './LinkMonitor.js';
import { OrderMonitor, type OrderMonitorProps } from './OrderMonitor.js';

export type PaymentStatusMonitorProps = PaymentLinkMonitorProps | OrderMonitorProps;

/**
 * Shows where a payment stands and keeps it up to date: of a payment link (`paymentLinkId`, `shortCode`) or of an
 * order (`orderId`). Announces changes to screen readers, keeps the focus, and stands still for who wants no motion.
 */
export function PaymentStatusMonitor(props: PaymentStatusMonitorProps) {
  return 'orderId' in props ? <OrderMonitor {...props} /> : <LinkMonitor {...props} />;
}
