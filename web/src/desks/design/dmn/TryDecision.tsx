/** Asks a decision as it is in the editor, and shows what comes of it: the result, and the rules that matched. */
import { PlayCircleOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Alert, AutoComplete, Button, Form, Input, Select } from 'antd';
import { useEffect, useMemo } from 'react';

import { EmptyState } from '../../../ui/EmptyState';
import { ProblemNotice } from '../../../ui/ProblemNotice';
import { useClearable } from '../../../ui/useClearable';
import { usePreference } from '../../../shell/preferences';
import type { DecisionTrialResult } from '../../../api/schema';
import { tryDecision } from '../api';
import { offered, type Imported, type Source } from '../deploy/bundle';
import { SourceName } from '../deploy/SourceName';
import type { SideProps } from '../draft/SidePanel';
import { useText } from '../strings';
import { decisionsOf, numberOf, valueOf, type AskableDecision, type DecisionInput } from './decisionInputs';
import { prettyJson } from './prettyJson';
import styles from './TryDecision.module.css';
import { useImported } from './useImported';

export default function TryDecision({ draft, text, read, decision: shown, onMatched }: SideProps) {
  const t = useText();
  const { models, texts: imported, choose: chooseImport } = useImported(draft.draftKey);
  const decisions = useMemo(() => {
    try {
      return decisionsOf(text, imported);
    } catch {
      return [];
    }
  }, [text, imported]);
  const [chosen, choose] = usePreference<string | null>(`design.try.${draft.draftKey}`, null);
  useEffect(() => {
    if (shown !== null) choose(shown);
  }, [shown, choose]);
  const decision = decisions.find(({ id }) => id === chosen) ?? decisions[0];
  if (!decision) return <EmptyState title={t('try.none')} hint={t('try.noneWhy')} />;
  return (
    <>
      <label className={styles.chooser}>
        <span>{t('try.decision')}</span>
        <Select
          value={decision.id}
          onChange={choose}
          style={{ width: '100%' }}
          options={decisions.map(({ id, name }) => ({ value: id, label: name }))}
        />
      </label>
      <Imports models={models} onChoose={chooseImport} />
      <Asked key={decision.id} draftKey={draft.draftKey} decision={decision} models={models} text={text} read={read} onMatched={onMatched} />
    </>
  );
}

/** Which content of what the file imports is taken. */
function Imports({ models, onChoose }: { models: readonly Imported[]; onChoose: (memberKey: string, sourceKey: string) => void }) {
  const t = useText();
  return models.map(({ member, source }) => {
    const sources = offered(member);
    const said = (each: Source) => <SourceName source={each} version={member.latest?.version ?? 0} />;
    return (
      <label key={member.key} className={styles.chooser}>
        <span>{t('try.imported', { name: member.name })}</span>
        {sources.length > 1 ? (
          <Select size="small" value={source.key} onChange={(key: string) => onChoose(member.key, key)} style={{ width: '100%' }} options={sources.map((each) => ({ value: each.key, label: said(each) }))} />
        ) : (
          <span>{said(source)}</span>
        )}
      </label>
    );
  });
}

interface AskedProps extends Pick<SideProps, 'text' | 'read' | 'onMatched'> {
  draftKey: string;
  decision: AskableDecision;
  models: readonly Imported[];
}

const takenOf = (models: readonly Imported[]) => models.map(({ source: { draftKey, resourceKey } }) => (draftKey === null ? { resourceKey: resourceKey! } : { draftKey }));
const sameSources = (one: readonly Imported[], other: readonly Imported[]) =>
  one.length === other.length && one.every(({ source }, index) => source.key === other[index]!.source.key && source.revision === other[index]!.source.revision);

function Asked({ draftKey, decision, models, text, read, onMatched }: AskedProps) {
  const t = useText();
  const [form] = Form.useForm<Record<string, string>>();
  const [kept, keep] = usePreference<Record<string, string>>(`design.inputs.${draftKey}`, {});
  const evaluate = useMutation({
    mutationFn: async (typed: Record<string, string>) => {
      const variables = Object.fromEntries(decision.inputs.map(({ name, type }) => [name, valueOf(typed[name] ?? '', type)]));
      const content = await read();
      const result = await tryDecision({ content, decisionDefinitionId: decision.id, variables, imports: takenOf(models) });
      return { result, content, models };
    },
    onSettled: (tried) => onMatched(tried?.result.evaluatedDecisions.flatMap(({ matchedRules }) => matchedRules.map(({ ruleId }) => ruleId)) ?? []),
  });
  const submit = (typed: Record<string, string>) => {
    keep({ ...kept, ...typed });
    evaluate.mutate(typed);
  };
  const { data: tried } = evaluate;
  const isOutdated = tried !== undefined && (tried.content !== text || !sameSources(tried.models, models));
  return (
    <>
      <Form form={form} layout="vertical" size="small" initialValues={kept} onFinish={submit} className={styles.form}>
        {decision.inputs.map((input) => (
          <Form.Item key={input.name} name={input.name} label={<span translate="no">{input.name}</span>} rules={rulesOf(input, t('try.number'))}>
            <Field input={input} />
          </Form.Item>
        ))}
        {decision.inputs.length === 0 && <p className="secondary">{t('try.noInputs')}</p>}
        <Button type="primary" htmlType="submit" icon={<PlayCircleOutlined />} loading={evaluate.isPending}>
          {t('try.run')}
        </Button>
      </Form>
      {evaluate.isError && <ProblemNotice error={evaluate.error} />}
      {isOutdated && <Alert type="info" showIcon title={t('try.outdated')} className={styles.outcome} />}
      {tried && <Outcome result={tried.result} />}
    </>
  );
}

interface FieldProps {
  input: DecisionInput;
  /** Given by the form. */
  id?: string;
  value?: string;
  onChange?: (value: string) => void;
}

function Field({ input, id, value, onChange }: FieldProps) {
  const clearable = useClearable();
  const t = useText();
  const shared = { ...(id !== undefined && { id }), value: value || undefined, onChange: (chosen: string | undefined) => onChange?.(chosen ?? ''), placeholder: t('try.empty') };
  if (input.type === 'boolean') {
    const options = [
      { value: 'true', label: t('try.true') },
      { value: 'false', label: t('try.false') },
    ];
    return <Select {...shared} allowClear={clearable} options={options} />;
  }
  // What the file allows is offered; what comes of anything else is to be tried as well.
  if (input.choices.length > 0) {
    return <AutoComplete {...shared} showSearch={{ filterOption: false }} options={input.choices.map((choice) => ({ value: choice, title: choice, label: choice }))} />;
  }
  return (
    <Input
      id={id}
      value={value}
      inputMode={input.type === 'number' ? 'decimal' : 'text'}
      placeholder={t(input.type === 'any' ? 'try.json' : 'try.empty')}
      onChange={(event) => onChange?.(event.target.value)}
    />
  );
}

function rulesOf({ type }: DecisionInput, message: string) {
  if (type !== 'number') return [];
  return [{ validator: (_: unknown, typed: string | undefined) => (!typed?.trim() || numberOf(typed.trim()) !== undefined ? Promise.resolve() : Promise.reject(new Error(message))) }];
}

function Outcome({ result }: { result: DecisionTrialResult }) {
  const t = useText();
  if (result.failureMessage) return <Alert type="error" showIcon title={t('try.failed')} description={result.failureMessage} className={styles.outcome} />;
  return (
    <section aria-label={t('try.result')} className={styles.outcome} data-testid="try-result">
      <h3>{t('try.result')}</h3>
      <pre translate="no">{prettyJson(result.output)}</pre>
      {result.diagnostics.map((sentence) => (
        <Alert key={sentence} type="warning" showIcon title={sentence} />
      ))}
      {[...result.evaluatedDecisions].reverse().map((part) => (
        <section key={part.decisionDefinitionId} className={styles.part}>
          <h4>{part.decisionDefinitionName}</h4>
          <dl>
            {part.evaluatedInputs.map(({ inputId, inputName, inputValue }) => (
              <div key={inputId}>
                <dt>{inputName}</dt>
                <dd translate="no">{inputValue}</dd>
              </div>
            ))}
            {part.matchedRules.map(({ ruleId, ruleIndex, evaluatedOutputs }) => (
              <div key={ruleId} className={styles.matched}>
                <dt>{t('try.matched', { rules: ruleIndex })}</dt>
                <dd translate="no">{evaluatedOutputs.map(({ outputName, outputValue }) => `${outputName} = ${outputValue}`).join('\n')}</dd>
              </div>
            ))}
            {part.matchedRules.length === 0 && (
              <div>
                <dt>{t(part.decisionDefinitionType === 'DECISION_TABLE' ? 'try.noRule' : 'try.result')}</dt>
                <dd translate="no">{part.output}</dd>
              </div>
            )}
          </dl>
        </section>
      ))}
    </section>
  );
}
