export function toView(order) {
  return {
    orderId: order.id,
    orderNumber: order.order_number,
    paymentStatus: order.payment_status,
    status: order.status,
    totalAmount: Number(order.total_amount),
    currency: order.currency,
    receipt: order.receipt,
    customer: order.customer,
    createdAt: order.created_at,
    updatedAt: order.updated_at,
  };
}
