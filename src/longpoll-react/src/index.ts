export * from './engine/index.js';
export { PaymentStatusMonitor, type PaymentStatusMonitorProps } from './react/monitor/PaymentStatusMonitor.js';
export type { PaymentLinkMonitorProps } from './react/monitor/LinkMonitor.js';
export type { OrderMonitorProps } from './react/monitor/OrderMonitor.js';
export { monitorStyles } from './react/monitor/styles.js';
export { detailFor, textsFor, type Locale, type Phase, type TextChanges, type Texts } from './react/texts/texts.js';
export { useOrderStatus, type OrderStatus, type UseOrderStatusOptions } from './react/useOrderStatus.js';
export {
  usePaymentStatusPolling,
  type PaymentStatusPolling,
  type UsePaymentStatusPollingOptions,
} from './react/usePaymentStatusPolling.js';
