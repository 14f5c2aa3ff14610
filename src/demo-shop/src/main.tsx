import '@fontsource-variable/bricolage-grotesque';
import '@fontsource-variable/figtree';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.js';
import './styles/base.css';
import './styles/pages.css';
import './styles/payment.css';
import './styles/phone.css';

const root = document.getElementById('root');
if (!root) throw new Error('The page has no place for the shop.');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
