import { randomUUID } from 'node:crypto';
import { Router } from 'express';
import { toView } from '../services/orderView.js';
import { pushToPhone } from '../services/payheroClient.js';

const HOLD_SECONDS = 60;
const LONGEST_HOLD_SECONDS = 120;
const READ = { name: 'read-order', text: 'select * from orders where id = $1' };

export function orders(pool, notifier) {
  const router = Router();

  async function read(id) {
    const { rows } = await pool.query({ ...READ, values: [id] });
    return rows[0];
  }

  router.post('/', async (request, response) => {
    const { customer, items, currency } = request.body;
    const id = randomUUID();
    const total = items.reduce((sum, item) => sum + item.quantity * item.unitPrice, 0);
    const { rows } = await pool.query({
      name: 'create-order',
      text: `insert into orders (id, order_number, payment_status, status, total_amount, currency, customer, items)
             values ($1, $2, 'pending', 'pending', $3, $4, $5, $6) returning *`,
      values: [id, `ORD-${id.slice(-12).toUpperCase()}`, total, currency, customer, JSON.stringify(items)],
    });
    const pushed = await pushToPhone({ id, total, phone: customer.phone, name: customer.firstName });
    await pool.query({
      name: 'note-push',
      text: `update orders set payment_status = 'processing', checkout_request_id = $2, updated_at = now()
             where id = $1 and payment_status = 'pending'`,
      values: [id, pushed.CheckoutRequestID],
    });
    response.status(201).json({ ...toView(rows[0]), paymentStatus: 'processing' });
  });

  router.get('/:id', async (request, response) => {
    const order = await read(request.params.id);
    if (!order) {
      response.status(404).json({ error: 'Order not found' });
      return;
    }
    response.json(toView(order));
  });

  router.get('/:id/wait', async (request, response) => {
    const { id } = request.params;
    const seconds = Math.min(Number(request.query.timeout) || HOLD_SECONDS, LONGEST_HOLD_SECONDS);

    const cached = await notifier.getCachedOrderStatus(id);
    if (cached) {
      response.type('json').send(cached);
      return;
    }

    // Listening before reading: a callback in between would otherwise be missed.
    const waiting = await notifier.waitForOrderStatusChange(id, seconds * 1000);
    const order = await read(id);
    if (!order || !['pending', 'processing'].includes(order.payment_status)) {
      waiting.cancel();
      response.status(order ? 200 : 404).json(order ? toView(order) : { error: 'Order not found' });
      return;
    }

    response.on('close', waiting.cancel);
    const message = await waiting.message;
    response.removeListener('close', waiting.cancel);
    if (message) {
      response.type('json').send(message);
    } else if (!response.destroyed) {
      response.json(toView(await read(id)));
    }
  });

  return router;
}
