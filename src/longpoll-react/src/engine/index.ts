export { waitForOrder } from './waitForOrder.js';
export { payAgain, readOrder, verifyOrder } from './orders.js';
export { isFinal } from './orderView.js';
export { checkPaymentLink, isFinalLink, pollPaymentLink } from './paymentLinks.js';
export { RefusedError } from './request.js';
export type { ConnectionState, WaitOptions, WaitOutcome } from './options.js';
export type { OrderView, PaymentStatus, Reason, TicketView, Until } from './orderView.js';
export type { LinkStatusName, PaymentLinkStatus, PollOptions, PollOutcome } from './paymentLinks.js';
export type { Connection } from './request.js';
