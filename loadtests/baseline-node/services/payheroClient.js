const BASE_URL = process.env.PAYHERO_BASE_URL;
const CALLBACK_URL = `${process.env.PUBLIC_URL}/api/payhero/callback`;

/** Sends the STK push. */
export async function pushToPhone({ id, total, phone, name }) {
  const answer = await fetch(`${BASE_URL}/api/v2/payments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Basic ${process.env.PAYHERO_TOKEN}` },
    body: JSON.stringify({
      amount: total,
      phone_number: phone,
      channel_id: Number(process.env.PAYHERO_CHANNEL_ID),
      provider: 'm-pesa',
      external_reference: id,
      customer_name: name,
      callback_url: CALLBACK_URL,
    }),
  });
  if (!answer.ok) {
    throw new Error(`PayHero answered ${answer.status}`);
  }
  return answer.json();
}
