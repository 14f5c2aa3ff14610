import { describe, expect, it } from 'vitest';
import { detailFor, textsFor, type Phase, type Texts } from '../../src/index.js';

const reasons = [
  'cancelled_by_buyer',
  'insufficient_funds',
  'wrong_pin',
  'unreachable',
  'prompt_expired',
  'busy',
  'provider_down',
  'provider_error',
  'order_expired',
  'under_review',
];

describe.each(['en', 'sw'] as const)('the texts in %s', (locale) => {
  const texts = textsFor(locale);

  it('have a sentence of their own for every reason', () => {
    const sentences = reasons.map((reason) => detailFor(texts, 'failed', reason));
    expect(sentences).not.toContain(texts.details.failed);
    expect(new Set(sentences).size).toBe(reasons.length);
  });

  it('keep the sentence of the phase for a reason that they do not know', () => {
    expect(detailFor(texts, 'failed', 'solar_flare')).toBe(texts.details.failed);
    expect(detailFor(texts, 'waiting')).toBe(texts.details.waiting);
  });

  it('do not speak of an ending while the payment is open', () => {
    for (const phase of ['starting', 'waiting', 'slow'] satisfies Phase[]) {
      expect(detailFor(texts, phase, 'provider_down')).toBe(texts.open.provider_down);
      expect(detailFor(texts, phase, 'wrong_pin')).toBe(texts.details[phase]);
    }
  });
});

it('stay as they are where a change is undefined', () => {
  const texts = textsFor('en');
  const changed = textsFor('en', { refresh: undefined, titles: { paid: undefined, waiting: 'One moment' } });
  expect([changed.refresh, changed.titles.paid, changed.titles.waiting]).toEqual([texts.refresh, texts.titles.paid, 'One moment']);
});

it('are all there in Swahili, and none is English', () => {
  const words = (texts: Texts) => JSON.stringify(texts).match(/"[^"]*"/g)!;
  const english = new Set(Object.values(flat(textsFor('en'))));
  const swahili = flat(textsFor('sw'));
  expect(Object.keys(swahili)).toEqual(Object.keys(flat(textsFor('en'))));
  expect(Object.entries(swahili).filter(([, text]) => english.has(text) || text === '')).toEqual([]);
  expect(words(textsFor('sw')).length).toBeGreaterThan(40);
});

function flat(texts: object, path = ''): Record<string, string> {
  return Object.entries(texts).reduce<Record<string, string>>((all, [key, value]) => {
    if (typeof value === 'string') return { ...all, [path + key]: value };
    if (typeof value === 'function') return { ...all, [path + key]: (value as (time: string) => string)('1:05') };
    return { ...all, ...flat(value as object, `${path}${key}.`) };
  }, {});
}
