/** Starting a case by the start form of its process. */
import { useMutation } from '@tanstack/react-query';
import { App, Button, Input, Skeleton } from 'antd';
import { useMemo, useRef, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';

import { api, dataOf, newKey, query } from '../../api/client';
import { asProblem } from '../../api/problem';
import { useMay } from '../../api/me';
import type { Form, ProcessDefinition } from '../../api/schema';
import { caseAddress } from '../../shell/addresses';
import { Forbidden } from '../../shell/Forbidden';
import { EmptyState } from '../../ui/EmptyState';
import type { FormHandle } from '../../ui/FormView';
import { PageFrame } from '../../ui/PageFrame';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { isDialogOpen, useShortcuts } from '../../ui/shortcuts';
import { Confirm } from './Confirm';
import type { Values } from './draftKeeper';
import { useProcesses } from './Filters';
import { fieldsOf, submitCaption } from './formFields';
import styles from './review.module.css';
import { useText } from './strings';
import { useStartForm } from './taskCase';
import { Back } from './TaskPage';
import { TaskForm } from './TaskForm';

const PERMISSION = 'process-instance:create';

/** The processes that somebody can start: those with a start form. */
export function StartChoice() {
  const t = useText();
  const may = useMay();
  const found = useProcesses();
  if (!may(PERMISSION)) return <Forbidden permissions={[PERMISSION]} />;
  const startable = (found.data?.items ?? []).filter(({ hasStartForm }) => hasStartForm);
  return (
    <PageFrame title={t('start.title')} actions={<Back to="/review/started" />}>
      {found.isPending && <Skeleton active />}
      {found.isError && <ProblemNotice error={found.error} retry={() => void found.refetch()} />}
      {found.data && startable.length === 0 && <EmptyState title={t('start.none')} hint={t('start.noneWhy')} />}
      {startable.length > 0 && (
        <>
          <p className="secondary">{t('start.choose')}</p>
          <ul className={styles.choice}>
            {startable.map(({ processDefinitionKey, processDefinitionId, name, version }) => (
              <li key={processDefinitionKey}>
                <Link to={`/review/start/${processDefinitionKey}`}>
                  <strong>{name ?? processDefinitionId}</strong>
                  <span className="secondary">
                    {processDefinitionId} · {t('start.version', { version })}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </PageFrame>
  );
}

export function StartPage() {
  const key = useParams().key!;
  const may = useMay();
  const definition = query.useQuery('get', '/v2/process-definitions/{key}', { params: { path: { key } } }, { staleTime: Infinity });
  const form = useStartForm(key);
  const t = useText();
  if (!may(PERMISSION)) return <Forbidden permissions={[PERMISSION]} />;
  const error = definition.error ?? form.error;
  if (error || !definition.data || form.data === undefined) {
    return (
      <PageFrame title={t('start.title')} actions={<Back to="/review/start" />}>
        {error ? <ProblemNotice error={error} retry={() => void Promise.all([definition.refetch(), form.refetch()])} /> : <Skeleton active />}
      </PageFrame>
    );
  }
  return <Start definition={definition.data} form={form.data} />;
}

/** The field that holds the business key, where the form has one; else it is asked for apart. */
const BUSINESS_KEY = 'applicationId';
const NOTHING: Values = {};

function Start({ definition, form }: { definition: ProcessDefinition; form: Form | null }) {
  const t = useText();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const handle = useRef<FormHandle>(null);
  const fields = useMemo(() => fieldsOf(form?.schema), [form]);
  const asksForKey = !fields.some(({ path }) => path === BUSINESS_KEY);
  const [businessId, setBusinessId] = useState('');
  const [asked, setAsked] = useState<Values | null>(null);
  const sending = useRef(false);
  const attempt = useRef({ body: '', key: '' });
  const start = useMutation({
    mutationFn: (variables: Values) => {
      const named = asksForKey ? businessId.trim() : String(variables[BUSINESS_KEY] ?? '');
      const body = { processDefinitionKey: definition.processDefinitionKey, variables, ...(named && { businessId: named }) };
      const text = JSON.stringify(body);
      if (attempt.current.body !== text) attempt.current = { body: text, key: newKey() };
      return dataOf(api.POST('/v2/process-instances', { body, params: { header: { 'Idempotency-Key': attempt.current.key } } }));
    },
  });
  const problem = useMemo(() => (start.error === null ? null : asProblem(start.error)), [start.error]);
  const errors = useMemo(() => problem?.fieldErrors() ?? {}, [problem]);
  const name = definition.name ?? definition.processDefinitionId;
  const caption = submitCaption(form?.schema) ?? t('start.submit');

  const ask = () => {
    start.reset();
    if (!form) return setAsked({});
    const entered = handle.current?.submit();
    if (entered?.data) setAsked(entered.data);
    else if (entered && entered.wrong > 0) void message.warning(t('task.wrong', { count: entered.wrong }));
  };
  const send = () => {
    // Pressed twice before the page has drawn that it sends, it is sent once.
    if (asked === null || sending.current) return;
    sending.current = true;
    start.mutate(asked, {
      onSettled: () => {
        sending.current = false;
      },
      onSuccess: ({ processInstanceKey }) => {
        void message.success(
          <>
            {t('start.done')}{' '}
            <Link to={caseAddress(processInstanceKey)} style={{ textDecoration: 'underline' }}>
              {t('start.open')}
            </Link>
          </>,
          8,
        );
        void navigate('/review/started');
      },
      onError: (error) => asProblem(error).errors.length > 0 && setAsked(null),
    });
  };
  useShortcuts({ 'Control+Enter': () => (asked !== null ? send() : isDialogOpen() || ask()) });
  return (
    <div className={styles.task}>
      <div className={styles.taskScroll}>
        <PageFrame title={t('start.of', { name })} actions={<Back to="/review/started" />}>
          {problem && asked === null && <ProblemNotice error={problem} title={t('task.refused')} />}
          <section className={`${styles.panel} ${styles.narrow}`} aria-label={name}>
            {asksForKey && (
              <label className={styles.businessId}>
                {t('start.businessId')}
                <Input value={businessId} maxLength={256} onChange={({ target }) => setBusinessId(target.value)} />
                <span className="secondary small">{t('start.businessIdWhy')}</span>
              </label>
            )}
            {form ? (
              <TaskForm ref={handle} form={form} initial={NOTHING} readOnly={false} errors={errors} onChange={ignore} />
            ) : (
              <p>{t('start.noForm')}</p>
            )}
          </section>
        </PageFrame>
      </div>
      <footer className={styles.bar}>
        <div className={styles.barActions}>
          <Button type="primary" onClick={ask} loading={start.isPending} className={styles.main}>
            {caption}
          </Button>
        </div>
      </footer>
      <Confirm
        data={asked}
        fields={fields}
        title={t('start.of', { name })}
        why={t('start.confirmWhy')}
        caption={caption}
        pending={start.isPending}
        error={problem}
        onConfirm={send}
        onCancel={() => setAsked(null)}
      />
    </div>
  );
}

const ignore = () => undefined;
