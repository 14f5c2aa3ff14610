import { Router } from 'express';
import { toView } from '../services/orderView.js';

const STATUS_BY_RESULT = new Map([[0, 'completed'], [1032, 'cancelled']]);

// One row and one commit; a callback that comes again changes nothing.
const SETTLE = {
  name: 'settle-order',
  text: `update orders set payment_status = $2, status = $3, receipt = $4, updated_at = now()
         where id = $1 and payment_status <> 'completed' returning *`,
};

export function payhero(pool, notifier) {
  const router = Router();

  router.post('/callback', async (request, response) => {
    const result = request.body.response ?? {};
    const paymentStatus = STATUS_BY_RESULT.get(result.ResultCode) ?? 'failed';
    const status = paymentStatus === 'completed' ? 'confirmed' : 'cancelled';
    const { rows } = await pool.query({
      ...SETTLE,
      values: [result.ExternalReference, paymentStatus, status, result.MpesaReceiptNumber || null],
    });
    if (rows.length > 0) {
      await notifier.notifyOrderStatusChange(rows[0].id, toView(rows[0]));
    }
    response.json({ result: rows.length > 0 ? 'applied' : 'ignored' });
  });

  return router;
}
