import { textsFor, type Locale, type Texts } from 'longpoll-react';

/** What the payment page says beyond the texts of the package. */
interface PageWords {
  order: string;
  steps: (amount: string) => [string, string, string];
  usual: string;
  leftToPay: (time: string) => string;
  waitingFor: (time: string) => string;
  nothingOnPhone: string;
  mailGoesTo: (email: string) => string;
  summary: string;
  total: string;
  receipt: string;
  booking: string;
  tickets: string;
  wallet: string;
  otherTicket: string;
  language: string;
}

const english: PageWords = {
  order: 'Order',
  steps: (amount) => ['Unlock your phone: a payment request is there.', `Check that it says ${amount}.`, 'Enter your M-PESA PIN and press Send.'],
  usual: 'Most payments take 20 to 40 seconds. This page turns green by itself.',
  leftToPay: (time) => `${time} left to pay`,
  waitingFor: (time) => `waiting for ${time}`,
  nothingOnPhone: 'Nothing on your phone? Check that it is on and has a network. Already entered your PIN? Then do not pay again.',
  mailGoesTo: (email) => `A confirmation and your tickets go to ${email}.`,
  summary: 'Your order',
  total: 'Total',
  receipt: 'M-PESA receipt',
  booking: 'Booking',
  tickets: 'Your tickets',
  wallet: 'See all my tickets',
  otherTicket: 'Choose another ticket',
  language: 'Language',
};

const swahili: PageWords = {
  order: 'Agizo',
  steps: (amount) => ['Fungua simu yako: ombi la malipo lipo.', `Hakikisha limeandikwa ${amount}.`, 'Weka PIN yako ya M-PESA kisha ubonyeze Tuma.'],
  usual: 'Malipo mengi huchukua sekunde 20 hadi 40. Ukurasa huu utageuka kijani wenyewe.',
  leftToPay: (time) => `Umebakiwa na ${time} kulipa`,
  waitingFor: (time) => `tumesubiri ${time}`,
  nothingOnPhone: 'Huoni ombi kwenye simu? Hakikisha imewashwa na ina mtandao. Umeshaweka PIN? Basi usilipe tena.',
  mailGoesTo: (email) => `Uthibitisho na tiketi zako zinatumwa kwa ${email}.`,
  summary: 'Agizo lako',
  total: 'Jumla',
  receipt: 'Risiti ya M-PESA',
  booking: 'Nambari ya nafasi',
  tickets: 'Tiketi zako',
  wallet: 'Tazama tiketi zangu zote',
  otherTicket: 'Chagua tiketi nyingine',
  language: 'Lugha',
};

export type Words = PageWords & { texts: Texts };

export function wordsIn(locale: Locale): Words {
  return { ...(locale === 'sw' ? swahili : english), texts: textsFor(locale) };
}
