/** A case on paper: its facts, what happened from the beginning, its decisions with their reasons, its variables. */
import { PrinterOutlined } from '@ant-design/icons';
import { Alert, Button, Skeleton } from 'antd';
import { Link, useParams } from 'react-router';

import { useMay } from '../../api/me';
import type { ProcessInstance } from '../../api/schema';
import { useStateWord } from '../../processes/States';
import { useSpoken } from '../../processes/spoken';
import { caseAddress } from '../../shell/addresses';
import { DateTime } from '../../ui/DateTime';
import { useNames } from '../../ui/names';
import { PageFrame } from '../../ui/PageFrame';
import { OnPaper } from '../../ui/paper';
import plain from '../../ui/PlainTable.module.css';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { exactly, zone } from '../../ui/time';
import { useCase, useInstance, useWholeDecisions, useWholeVariables } from './caseData';
import styles from './CasePage.module.css';
import { DecisionTrace } from './DecisionsTab';
import './print.css';
import { useText } from './strings';
import { Entry } from './TimelineTab';
import { told } from './view';

export function PrintPage() {
  const t = useText();
  const { key = '' } = useParams();
  const instance = useInstance(key);
  if (instance.data) {
    return (
      <OnPaper value>
        <Sheet instance={instance.data} />
      </OnPaper>
    );
  }
  return (
    <PageFrame title={t('case.title', { name: key })}>
      {instance.isError ? <ProblemNotice error={instance.error} retry={() => void instance.refetch()} /> : <Skeleton active />}
    </PageFrame>
  );
}

function Sheet({ instance }: { instance: ProcessInstance }) {
  const t = useText();
  const stateWord = useStateWord();
  const key = instance.processInstanceKey;
  const whole = useCase(key);
  const nameOf = useNames([instance.startedBy], { exact: true });
  return (
    <PageFrame
      title={t('case.title', { name: instance.businessId ?? key })}
      actions={
        <span data-screen-only style={{ display: 'inline-flex', gap: 12, alignItems: 'center' }}>
          <Link to={caseAddress(key)}>{t('print.back')}</Link>
          <Button type="primary" icon={<PrinterOutlined />} onClick={() => window.print()}>
            {t('print.print')}
          </Button>
        </span>
      }
    >
      <table className={plain.table} style={{ maxWidth: 640 }}>
        <tbody>
          {(
            [
              [t('case.process'), `${instance.processDefinitionName ?? instance.processDefinitionId} v${instance.processDefinitionVersion}`],
              [t('case.applicant'), whole.data?.applicant],
              [t('state'), stateWord(instance.state)],
              [t('case.start'), `${exactly(instance.startDate)} · ${nameOf(instance.startedBy)}`],
              [t('case.end'), instance.endDate ? exactly(instance.endDate) : '—'],
              [t('case.tags'), instance.tags.join(', ')],
              [t('case.key'), key],
              [t('print.at'), `${exactly(new Date())} (${zone()})`],
            ] as const
          ).map(([term, value]) => value && (
            <tr key={term}>
              <th scope="row" style={{ width: 160 }}>
                {term}
              </th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {whole.isError && <ProblemNotice error={whole.error} retry={() => void whole.refetch()} />}
      <h2>{t('tab.timeline')}</h2>
      {whole.data && !whole.data.isWhole && <Alert type="info" showIcon title={t('timeline.notWhole')} style={{ marginBottom: 12 }} />}
      {whole.data && (
        <ol className={`${styles.timeline} ${styles.paper}`}>
          {told(whole.data.timeline, false)
            .reverse()
            .map((entry, index) => (
              <Entry key={index} entry={entry} whole={whole.data} place={entry.elementId && <strong>{entry.elementName || entry.elementId}</strong>} />
            ))}
        </ol>
      )}
      {(whole.data?.instances ?? [instance]).map((each) => (
        <Of key={each.processInstanceKey} instance={each} />
      ))}
    </PageFrame>
  );
}

/** What one process of the case decided, and on what facts. */
function Of({ instance }: { instance: ProcessInstance }) {
  const t = useText();
  const say = useSpoken();
  const may = useMay();
  const key = instance.processInstanceKey;
  const decisions = useWholeDecisions(key, may('decision-instance:read'));
  const variables = useWholeVariables(key, may('variable:read'));
  const problem = decisions.error ?? variables.error;
  const name = `${instance.processDefinitionName || instance.processDefinitionId} v${instance.processDefinitionVersion}`;
  return (
    <>
      {problem && <ProblemNotice error={problem} retry={() => void (decisions.isError ? decisions.refetch() : variables.refetch())} />}
      {decisions.data && decisions.data.length > 0 && (
        <h2>
          {name} · {t('tab.decisions')}
        </h2>
      )}
      {decisions.data?.map((decision) => (
        <div key={decision.decisionEvaluationInstanceKey} style={{ breakInside: 'avoid', marginBottom: 16 }}>
          <DateTime value={decision.evaluationDate} />
          <DecisionTrace decision={decision} />
        </div>
      ))}
      {variables.data && variables.data.length > 0 && (
        <>
          <h2>
            {name} · {t('tab.variables')}
          </h2>
          <table className={plain.table}>
            <tbody>
              {variables.data.map((variable) => (
                <tr key={variable.variableKey}>
                  <th scope="row" style={{ width: '28%' }} translate="no">
                    {variable.name}
                  </th>
                  <td style={{ whiteSpace: 'pre-wrap' }}>{say.whole(variable.value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </>
  );
}
