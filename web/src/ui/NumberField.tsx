interface Props {
  name: string;
  value: number | undefined;
  placeholder: string;
  min?: number;
  onChange: (value: number | undefined) => void;
}

/** A whole number that may be left open. */
export function NumberField({ name, value, placeholder, min, onChange }: Props) {
  const type = (text: string) => {
    const number = Math.trunc(Number(text));
    onChange(text.trim() === '' || !Number.isSafeInteger(number) || (min !== undefined && number < min) ? undefined : number);
  };
  return (
    <label class="field">
      <span class="field-name">{name}</span>
      <input class="number" type="text" inputmode="numeric" value={value ?? ''} placeholder={placeholder} aria-label={name} onChange={(e) => type(e.currentTarget.value)} />
    </label>
  );
}
