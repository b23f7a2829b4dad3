/** The key `a`: choose what approves, and go on to the first thing that is still to be written. */
import { fieldsOf } from './formFields';

const APPROVING = ['approve', 'approved', 'agree', 'pass'];

/** The caption of the option that approves, in a form that has one. */
export function approvingCaption(schema: string | undefined): string | null {
  for (const { options, readOnly } of fieldsOf(schema)) {
    const value = APPROVING.find((each) => options.has(each));
    if (value !== undefined && !readOnly) return options.get(value)!;
  }
  return null;
}

export function beginApproving(page: HTMLElement | null, schema: string | undefined): void {
  const form = page?.querySelector<HTMLElement>('.fjs-container');
  if (!form) return;
  const caption = approvingCaption(schema);
  const option = [...form.querySelectorAll<HTMLInputElement>('input[type="radio"]')].find(
    (input) => !input.disabled && input.labels?.[0]?.textContent?.trim() === caption,
  );
  if (option && !option.checked) option.click();
  const open = [...form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea')].filter(
    (input) => !input.readOnly && !input.disabled && input.type !== 'radio' && input.type !== 'checkbox',
  );
  (open.find(({ value }) => value === '') ?? open[0] ?? option)?.focus();
}
