/**
 * Asks before something is done that cannot be undone: what will happen, a reason where the history needs one, and,
 * for several things at once, the result of each.
 */
import { Button, Form, Input, Modal, Progress } from 'antd';
import { useState, type ReactNode } from 'react';

import { asProblem, type Problem } from '../api/problem';
import { useText } from '../i18n/shell';
import { Sentence } from './ProblemNotice';
import styles from './ConfirmAction.module.css';

export interface Target {
  key: string;
  /** How people call it. */
  label: string;
}

interface Props {
  open: boolean;
  title: string;
  /** What will happen, and what not. */
  children?: ReactNode;
  /** The button: the verb, not "OK". */
  confirm: string;
  danger?: boolean;
  targets: readonly Target[];
  /** Ask for a reason; `run` is given it. */
  reason?: 'required' | 'optional';
  /** Done for each target, a few at a time; throws a problem where it fails. */
  run: (target: Target, reason: string) => Promise<unknown>;
  /** Closed: without having done anything (false), or afterwards (true). */
  onClose: (done: boolean) => void;
}

type Outcome = Problem | null;
const AT_ONCE = 4;

export function ConfirmAction(props: Props) {
  const { open, title, confirm, danger = false, targets, reason, run, onClose } = props;
  const t = useText();
  const [form] = Form.useForm<{ reason: string }>();
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map());
  const [state, setState] = useState<'asking' | 'running' | 'done'>('asking');

  const close = (done: boolean) => {
    setState('asking');
    setOutcomes(new Map());
    form.resetFields();
    onClose(done);
  };
  const start = async () => {
    // The form says itself what it lacks.
    const filled = reason ? await form.validateFields().catch(() => null) : { reason: '' };
    if (filled === null) return;
    const { reason: given = '' } = filled;
    setState('running');
    const found = new Map<string, Outcome>();
    await inTurns(targets, async (target) => {
      found.set(target.key, await outcomeOf(() => run(target, given.trim())));
      setOutcomes(new Map(found));
    });
    const failed = [...found.values()].some((outcome) => outcome !== null);
    if (failed) setState('done');
    else close(true);
  };
  const failures = [...outcomes.values()].filter((outcome) => outcome !== null).length;
  return (
    <Modal
      open={open}
      title={title}
      onCancel={() => state !== 'running' && close(state === 'done')}
      mask={{ closable: state === 'asking' }}
      footer={
        state === 'done' ? (
          <Button type="primary" onClick={() => close(true)}>
            {t('confirm.close')}
          </Button>
        ) : (
          <>
            <Button onClick={() => close(false)} disabled={state === 'running'}>
              {t('confirm.cancel')}
            </Button>
            <Button type="primary" danger={danger} loading={state === 'running'} onClick={() => void start()}>
              {confirm}
            </Button>
          </>
        )
      }
    >
      {state === 'done' ? (
        <Results targets={targets} outcomes={outcomes} failures={failures} />
      ) : (
        <>
          {props.children}
          {reason && (
            <Form form={form} layout="vertical" style={{ marginTop: 12 }} disabled={state === 'running'}>
              <Form.Item
                name="reason"
                label={t('confirm.reason')}
                rules={reason === 'required' ? [{ required: true, whitespace: true, message: t('confirm.reasonMissing') }] : []}
              >
                <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} maxLength={1000} showCount />
              </Form.Item>
            </Form>
          )}
          {state === 'running' && targets.length > 1 && (
            <div role="status">
              {t('confirm.running', { done: outcomes.size, total: targets.length })}
              <Progress percent={Math.round((100 * outcomes.size) / targets.length)} showInfo={false} />
            </div>
          )}
        </>
      )}
    </Modal>
  );
}

function Results({ targets, outcomes, failures }: { targets: readonly Target[]; outcomes: ReadonlyMap<string, Outcome>; failures: number }) {
  const t = useText();
  return (
    <div role="status">
      <p>
        {t('confirm.done', { count: targets.length - failures })} · <strong>{t('confirm.failed', { count: failures })}</strong>
      </p>
      <div className={styles.results}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('confirm.item')}</th>
              <th scope="col">{t('confirm.result')}</th>
            </tr>
          </thead>
          <tbody>
            {targets.map(({ key, label }) => {
              const outcome = outcomes.get(key);
              return (
                <tr key={key}>
                  <td>{label}</td>
                  <td className={outcome ? styles.failed : styles.succeeded}>{outcome ? <Sentence problem={outcome} /> : t('confirm.succeeded')}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}

async function outcomeOf(run: () => Promise<unknown>): Promise<Outcome> {
  try {
    await run();
    return null;
  } catch (error) {
    return asProblem(error);
  }
}

/** Do something for each, a few at the same time. */
async function inTurns<Item>(items: readonly Item[], run: (item: Item) => Promise<void>): Promise<void> {
  const rest = [...items];
  const work = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, work));
}
