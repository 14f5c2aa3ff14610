import { render } from '@testing-library/react';
import { expect, it } from 'vitest';
import { PaymentStatusMonitor } from '../../src/index.js';
import { ORDER, paid } from '../support/orders.js';
import { givenPage } from '../support/page.js';

givenPage();

// In a file of its own: a style sheet that React has once put into the head stays there.
it('leaves out the style sheet where the page brings its own', () => {
  render(<PaymentStatusMonitor orderId={ORDER} initialStatus={paid()} enabled={false} unstyled />);
  expect(document.querySelector('style')).toBeNull();
});
