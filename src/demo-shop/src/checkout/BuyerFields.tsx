import type { ReactNode } from 'react';
import type { Buyer } from './placeOrder.js';

interface BuyerFieldsProps {
  wrong: Partial<Record<keyof Buyer, string>>;
}

/** Who buys. Browsers fill this in by themselves. */
export function BuyerFields({ wrong }: BuyerFieldsProps) {
  return (
    <fieldset className="fields">
      <legend>Who is coming?</legend>
      <Field name="firstName" label="First name" wrong={wrong.firstName} autoComplete="given-name" required />
      <Field name="lastName" label="Last name" wrong={wrong.lastName} autoComplete="family-name" />
      <Field name="email" label="Email" hint="Your tickets go here." wrong={wrong.email} type="email" autoComplete="email" required full />
      <Field
        name="phone"
        label="M-PESA phone"
        hint="A payment request will reach this phone."
        wrong={wrong.phone}
        type="tel"
        inputMode="tel"
        autoComplete="tel-national"
        placeholder="0712 345 678"
        required
        full
        before={
          <span className="prefix" aria-hidden="true">
            +254
          </span>
        }
      />
    </fieldset>
  );
}

interface FieldProps {
  name: keyof Buyer;
  label: string;
  hint?: string;
  wrong?: string;
  type?: string;
  inputMode?: 'tel';
  autoComplete: string;
  placeholder?: string;
  required?: boolean;
  full?: boolean;
  before?: ReactNode;
}

function Field({ name, label, hint, wrong, full, before, ...input }: FieldProps) {
  const id = `buyer-${name}`;
  const about = wrong ?? hint;
  return (
    <div className={full ? 'field full' : 'field'}>
      <label htmlFor={id}>{label}</label>
      <div className="control">
        {before}
        <input id={id} name={name} aria-invalid={Boolean(wrong)} aria-describedby={about ? `${id}-about` : undefined} {...input} />
      </div>
      {about && (
        <p id={`${id}-about`} className={wrong ? 'wrong' : 'hint'}>
          {about}
        </p>
      )}
    </div>
  );
}
