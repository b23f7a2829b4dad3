/** Loans in the states that the tests of operators and of the case view need, brought about through the API and the simulators. */
import { asker, startApplication, until } from './browser';

const SIMULATORS = process.env.LENDLOOM_SIMULATORS ?? 'http://127.0.0.1:8090';

export type Ask = Awaited<ReturnType<typeof asker>>;
export interface Found<Row> {
  items: Row[];
}
export interface Task {
  userTaskKey: string;
  processInstanceKey: string;
  elementId: string;
}
export interface Payout {
  businessId: string;
  /** The case, and the disbursement that it called. */
  root: string;
  payout: string;
}

/** The machine approves a small loan of this customer at once. */
export const STRAIGHT_THROUGH = { idNumber: '110101199003070011', amount: 18000, monthlyIncome: 30000, monthlyDebt: 0 };

/** The task of a case that is open at an element. */
export async function openTask(businessId: string, elementId: string): Promise<Task> {
  const ask = await asker('ma.chao');
  const filter = { businessId, elementId, state: 'CREATED' };
  const task = async () => (await ask<Found<Task>>('POST', '/v2/user-tasks/search', { filter })).items[0];
  return until(task, 90).catch(async (late: unknown) => {
    throw new Error(`${businessId} did not come to ${elementId}: ${await whereItStands(ask, businessId)}`, { cause: late });
  });
}

/** What a case waits for, and what went wrong with it, as JSON. */
async function whereItStands(ask: Ask, businessId: string): Promise<string> {
  const { items } = await ask<Found<{ processInstanceKey: string }>>('POST', '/v2/process-instances/search', { filter: { businessId } });
  const all = items.map(async ({ processInstanceKey }) => {
    const filter = { processInstanceKey };
    const found = (what: string, more = {}) => ask<Found<unknown>>('POST', `/v2/${what}/search`, { filter: { ...filter, ...more } });
    const [elements, jobs, incidents] = await Promise.all([found('element-instances', { state: 'ACTIVE' }), found('jobs'), found('incidents')]);
    return { processInstanceKey, elements: elements.items, jobs: jobs.items, incidents: incidents.items };
  });
  return JSON.stringify(await Promise.all(all));
}

/** The incident of an instance that is open. */
export async function openIncident(processInstanceKey: string): Promise<{ incidentKey: string }> {
  const ask = await asker('ma.chao');
  const filter = { processInstanceKey, state: 'ACTIVE' };
  return until(async () => (await ask<Found<{ incidentKey: string }>>('POST', '/v2/incidents/search', { filter })).items[0], 90);
}

/** A loan whose bank card is lost before finance releases the payout: the payment cannot be ordered. */
export async function failPayout(businessId: string): Promise<Payout> {
  const [admin, finance] = [await asker('ma.chao'), await asker('chen.jing')];
  const root = await startApplication(businessId, STRAIGHT_THROUGH);
  const { processInstanceKey: payout, userTaskKey } = await openTask(businessId, 'finance-check');
  await admin('PUT', `/v2/element-instances/${payout}/variables`, { variables: { bankCardNumber: '' }, local: true });
  await finance('POST', `/v2/user-tasks/${userTaskKey}/assignment`, { assignee: 'chen.jing' });
  await finance('POST', `/v2/user-tasks/${userTaskKey}/completion`, { variables: { decision: 'approve', comment: '账户核对无误' } });
  await openIncident(payout);
  return { root, payout, businessId };
}

async function simulators<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(SIMULATORS + path, {
    method,
    headers: { 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text ? JSON.parse(text) : undefined) as Answer;
}

/** The credit bureau is down for one person. */
export const breakBureau = (idNumber: string) => simulators('PUT', '/behaviour', { bureau: { mode: 'unavailable', match: idNumber } });

/** Every service outside answers again. */
export const mendServices = () => simulators('DELETE', '/behaviour');

/** How often money was moved under a key. */
export async function timesPaid(key: string): Promise<number> {
  const { countByKey } = await simulators<{ countByKey: Record<string, number> }>('GET', '/payments/ledger');
  return countByKey[key] ?? 0;
}
