/** A kind of ticket. The price is in shillings. */
export interface TicketType {
  name: string;
  price: number;
  about: string;
}

export interface ShopEvent {
  slug: string;
  name: string;
  tagline: string;
  startsAt: string;
  timeZone: string;
  venue: string;
  organizerEmail: string;
  /** Which of the posters it has. */
  poster: 'waves' | 'suns' | 'blocks';
  tickets: [TicketType, ...TicketType[]];
}

export const events: [ShopEvent, ...ShopEvent[]] = [
  {
    slug: 'nairobi-night-jazz',
    name: 'Nairobi Night Jazz',
    tagline: 'Six bands, one garden, until the birds wake up.',
    startsAt: '2027-03-20T18:00:00+03:00',
    timeZone: 'Africa/Nairobi',
    venue: 'Arboretum, Nairobi',
    organizerEmail: 'hello@nightjazz.example',
    poster: 'waves',
    tickets: [
      { name: 'Early Bird', price: 300, about: 'The first two hundred' },
      { name: 'Regular', price: 500, about: 'Lawn, bring a blanket' },
      { name: 'Terrace', price: 1500, about: 'A seat and a view' },
    ],
  },
  {
    slug: 'lake-victoria-film-week',
    name: 'Lake Victoria Film Week',
    tagline: 'Open-air cinema on the shore, every night another country.',
    startsAt: '2027-04-09T19:30:00+03:00',
    timeZone: 'Africa/Nairobi',
    venue: 'Dunga Beach, Kisumu',
    organizerEmail: 'box@lakefilm.example',
    poster: 'suns',
    tickets: [
      { name: 'One night', price: 250, about: 'Any evening of the week' },
      { name: 'The whole week', price: 1200, about: 'Seven nights' },
    ],
  },
  {
    slug: 'test-this-end-to-end',
    name: 'Test This End to End',
    tagline: 'An evening for people who press the button and watch what happens.',
    startsAt: '2027-05-15T09:00:00+03:00',
    timeZone: 'Africa/Nairobi',
    venue: 'The Hub, Nairobi',
    organizerEmail: 'team@endtoend.example',
    poster: 'blocks',
    tickets: [
      { name: 'Early Bird', price: 300, about: 'As in the test plan' },
      { name: 'Regular', price: 450, about: 'As in real life' },
    ],
  },
];

export function findEvent(slug: string): ShopEvent | undefined {
  return events.find((event) => event.slug === slug);
}
