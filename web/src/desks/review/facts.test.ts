import { describe, expect, it } from 'vitest';

import { factsOf, isAmount, masked, valueOf } from './facts';

describe('the facts of a case', () => {
  it('are the applicant, the amount and the product', () => {
    const facts = factsOf({ applicantName: '林小满', amount: 80000, approvedAmount: 60000, loanProduct: 'consumer', other: 1 });
    expect(facts).toEqual({ applicant: '林小满', amount: 80000, product: 'consumer' });
  });

  it('are taken from the names of the other processes where those are missing', () => {
    expect(factsOf({ customerName: '周子涵', approvedAmount: '60000.50' })).toEqual({ applicant: '周子涵', amount: '60000.50' });
  });

  it('leave out what has another type', () => {
    expect(factsOf({ applicantName: 7, amount: { value: 1 } })).toEqual({});
  });

  it('keep all digits of an amount', () => {
    expect(factsOf({ amount: valueOf('12345678901234567.89') }).amount).toBe('12345678901234567.89');
  });
});

describe('personal data', () => {
  it('show their first and last characters', () => {
    expect(masked('idNumber', '11010119900307002X')).toBe('110***********002X');
    expect(masked('mobile', '13900001234')).toBe('139****1234');
    expect(masked('emergencyContactMobile', '13700005678')).toBe('137****5678');
    expect(masked('bankCardNumber', '6217001540012345678')).toBe('***************5678');
  });

  it('show nothing where little would be hidden', () => {
    expect(masked('mobile', '139')).toBe('***');
  });

  it('are known by the names of their variables', () => {
    expect(masked('employer', '13900001234')).toBeNull();
    expect(masked('mobile', 13900001234)).toBeNull();
  });
});

it('knows amounts by their names', () => {
  expect(['amount', 'approvedAmount', 'monthlyIncome', 'monthlyDebt', 'monthlyDebtPayment', 'totalDue'].every(isAmount)).toBe(true);
  expect(['termMonths', 'score', 'amountOfPeople', 'dueDate', 'paymentId'].some(isAmount)).toBe(false);
});
