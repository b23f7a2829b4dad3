/** Our fields and our words, as a module for form-js's viewer, editor and playground. */
import { text } from '../../i18n/shell';
import { OUR_FIELDS } from './fields';
import { inOurWords, ownErrors, type CheckedField } from './validation';

interface FormFields {
  register(type: string, component: unknown): void;
}
interface Validator {
  validateFieldInstance(instance: { id: string }, value: unknown): string[];
}
interface FormFieldRegistry {
  get(id: string): CheckedField | undefined;
}

class OurFields {
  static $inject = ['formFields'];
  constructor(formFields: FormFields) {
    for (const [type, component] of OUR_FIELDS) formFields.register(type, component);
  }
}

class OurWords {
  static $inject = ['validator', 'formFieldRegistry'];
  constructor(validator: Validator, registry: FormFieldRegistry) {
    const theirs = validator.validateFieldInstance.bind(validator);
    validator.validateFieldInstance = (instance, value) => {
      const field = registry.get(instance.id);
      const own = field ? ownErrors(field, value, text) : [];
      return own.length > 0 ? own : theirs(instance, value).map((sentence) => inOurWords(sentence, text, field?.type === 'money'));
    };
  }
}

export const fieldsModule = { __init__: ['lendloomFields'], lendloomFields: ['type', OurFields] };
export const wordsModule = { __init__: ['lendloomWords'], lendloomWords: ['type', OurWords] };
