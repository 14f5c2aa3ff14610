import express from 'express';
import { createSchema, pool } from './db.js';
import { orders } from './routes/orders.js';
import { payhero } from './routes/payhero.js';
import { OrderStatusNotifier } from './services/orderStatusNotifier.js';

const notifier = new OrderStatusNotifier(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379');
const app = express();
app.disable('x-powered-by');
app.disable('etag'); // answers differ each time; hashing them buys nothing
app.use(express.json());
app.use('/api/orders', orders(pool, notifier));
app.use('/api/payhero', payhero(pool, notifier));
app.get('/health', (request, response) => response.json({ status: 'ok' }));

await createSchema();
const server = app.listen(Number(process.env.PORT ?? 3001), '127.0.0.1');
server.keepAliveTimeout = 75_000; // browsers and proxies keep connections longer than the default of 5 s
server.requestTimeout = 0;

// For who measures memory: `node --expose-gc server.js`, then SIGUSR2 collects.
if (globalThis.gc) {
  process.on('SIGUSR2', () => globalThis.gc());
}

process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  notifier.close();
  pool.end();
});
