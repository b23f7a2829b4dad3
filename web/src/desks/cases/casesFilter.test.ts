import { expect, test } from 'vitest';

import { casesFilter, NO_QUESTION } from './casesFilter';

test('only roots are cases; an applicant is sought by the beginning of the name', () => {
  expect(casesFilter(NO_QUESTION)).toEqual({ parentProcessInstanceKey: { $exists: false } });
  expect(casesFilter({ ...NO_QUESTION, applicant: '王', state: 'INCIDENT' })).toEqual({
    parentProcessInstanceKey: { $exists: false },
    variables: [{ name: 'applicantName', value: { $like: '"王*' } }],
    hasIncident: true,
  });
});
