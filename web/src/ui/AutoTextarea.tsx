import { useLayoutEffect, useRef } from 'preact/hooks';

interface Props {
  label: string;
  value: string;
  onInput: (value: string) => void;
  onKeyDown?: (event: KeyboardEvent) => void;
  id?: string;
  placeholder?: string;
  autoFocus?: boolean;
  class?: string;
  rows?: number;
  spellcheck?: boolean;
  invalid?: boolean;
}

/** A text field that is as high as its text, up to the height that the style sheet allows. */
export function AutoTextarea({ label, value, onInput, onKeyDown, id, placeholder, autoFocus, class: more, rows = 1, spellcheck, invalid }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const element = field.current!;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight + element.offsetHeight - element.clientHeight}px`;
  }, [value]);
  useLayoutEffect(() => {
    if (!autoFocus) return;
    field.current!.focus();
    field.current!.setSelectionRange(value.length, value.length);
  }, []);
  return (
    <textarea ref={field} id={id} class={more} rows={rows} value={value} placeholder={placeholder} aria-label={label} aria-invalid={invalid} dir="auto"
      spellcheck={spellcheck} onInput={(e) => onInput(e.currentTarget.value)} onKeyDown={onKeyDown} />
  );
}
