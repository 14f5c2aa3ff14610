import { Redis } from 'ioredis';

const CACHE_SECONDS = 60;

/**
 * Tells pages that an order has changed. One connection listens for all of them: a channel is subscribed while somebody
 * waits for its order, and the first to come and the last to go are the only ones that talk to Redis.
 */
export class OrderStatusNotifier {
  #redis;
  #subscriber;
  #waiting = new Map();

  constructor(url) {
    this.#redis = new Redis(url);
    this.#subscriber = new Redis(url);
    this.#subscriber.on('message', (channel, message) => this.#deliver(channel, message));
  }

  /** Writes the cache and publishes, in one round trip. */
  async notifyOrderStatusChange(orderId, order) {
    const message = JSON.stringify(order);
    await this.#redis.pipeline()
      .setex(`order:latest:${orderId}`, CACHE_SECONDS, message)
      .publish(`order:status:${orderId}`, message)
      .exec();
  }

  getCachedOrderStatus(orderId) {
    return this.#redis.get(`order:latest:${orderId}`);
  }

  /**
   * Begins to listen; complete when the subscription stands, so that what is read afterwards cannot be overtaken.
   * @returns the message, or null when time is up; `cancel` stops listening.
   */
  async waitForOrderStatusChange(orderId, milliseconds) {
    const channel = `order:status:${orderId}`;
    let waiters = this.#waiting.get(channel);
    if (!waiters) {
      waiters = { resolvers: new Set(), subscribed: this.#subscriber.subscribe(channel) };
      this.#waiting.set(channel, waiters);
    }

    let finish;
    const message = new Promise(resolve => {
      const timer = setTimeout(() => finish(null), milliseconds);
      finish = result => {
        clearTimeout(timer);
        if (waiters.resolvers.delete(finish) && waiters.resolvers.size === 0) {
          this.#waiting.delete(channel);
          this.#subscriber.unsubscribe(channel);
        }
        resolve(result);
      };
      waiters.resolvers.add(finish);
    });
    await waiters.subscribed;
    return { message, cancel: () => finish(null) };
  }

  close() {
    this.#redis.disconnect();
    this.#subscriber.disconnect();
  }

  #deliver(channel, message) {
    for (const finish of [...(this.#waiting.get(channel)?.resolvers ?? [])]) {
      finish(message);
    }
  }
}
