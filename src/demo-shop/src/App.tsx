import { CheckoutPage } from './pages/CheckoutPage.js';
import { HomePage } from './pages/HomePage.js';
import { NotFoundPage } from './pages/NotFoundPage.js';
import { PaymentPage } from './pages/PaymentPage.js';
import { WalletPage } from './pages/WalletPage.js';
import { findEvent } from './shop/events.js';
import { usePath } from './shop/router.js';

export function App() {
  const path = usePath();
  const [, first, second, third] = path.split('/');
  if (path === '/') return <HomePage />;
  if (path === '/wallet') return <WalletPage />;
  if (first === 'payment' && second) return <PaymentPage key={second} orderId={second} />;
  const event = first === 'events' && third === 'checkout' && second ? findEvent(second) : undefined;
  return event ? <CheckoutPage key={event.slug} event={event} /> : <NotFoundPage />;
}
