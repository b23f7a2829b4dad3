/** A cause of incidents: what happened where, how often and since when, and the cases behind it. */
import { ReloadOutlined } from '@ant-design/icons';
import { Button, Checkbox } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';

import { useDefinitions, processName } from '../../processes/definitions';
import { useProcessFile } from '../../processes/names';
import { useErrorWord } from '../../processes/States';
import { caseAddress } from '../../shell/addresses';
import { DateTime } from '../../ui/DateTime';
import plain from '../../ui/PlainTable.module.css';
import { useBusinessIds } from './businessIds';
import { firstLine, type Cause } from './causes';
import styles from './CauseCard.module.css';
import { useText } from './strings';

interface Props {
  cause: Cause;
  /** Retry the incidents of a cause, or some of them. */
  onRetry: ((cause: Cause) => void) | undefined;
}

const MOST_SHOWN = 100;

export function CauseCard({ cause, onRetry }: Props) {
  const t = useText();
  const errorWord = useErrorWord();
  const { byKey } = useDefinitions();
  const definition = byKey.get(cause.processDefinitionKey);
  const { nameOf } = useProcessFile(cause.processDefinitionKey);
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const count = cause.incidents.length;
  const message = firstLine(cause.message);
  const some = { ...cause, incidents: cause.incidents.filter(({ incidentKey }) => chosen.has(incidentKey)) };
  return (
    <article className={styles.card}>
      <div className={styles.head}>
        <div className={styles.count} aria-label={t('incidents.count', { count })}>
          {count}
        </div>
        <div className={styles.what}>
          <h2 className={styles.title}>
            {nameOf(cause.elementId)} · {errorWord(cause.errorType)}
          </h2>
          <p className={styles.message}>{message}</p>
          {message !== cause.message.trim() && (
            <details>
              <summary>{t('incidents.details')}</summary>
              <pre className={styles.details}>{cause.message}</pre>
            </details>
          )}
          <p className="secondary small" style={{ margin: 0 }}>
            <Link className={styles.where} to={`/operate?definition=${cause.processDefinitionKey}&element=${encodeURIComponent(cause.elementId)}`}>
              {definition ? `${processName(definition)} v${definition.version}` : cause.processDefinitionId}
            </Link>
            {' · '}
            <code>{cause.elementId}</code>
            {' · '}
            {t('incidents.since')} <DateTime value={cause.first} show="both" />
            {count > 1 && (
              <>
                {' · '}
                {t('incidents.latest')} <DateTime value={cause.last} show="both" />
              </>
            )}
          </p>
        </div>
        <div className={styles.buttons}>
          <Button aria-expanded={open} onClick={() => setOpen(!open)}>
            {t(open ? 'incidents.hideCases' : 'incidents.showCases', { count })}
          </Button>
          {onRetry && chosen.size > 0 && open ? (
            <Button type="primary" icon={<ReloadOutlined />} onClick={() => onRetry(some)}>
              {t('incidents.retryChosen', { count: chosen.size })}
            </Button>
          ) : (
            onRetry && (
              <Button type="primary" icon={<ReloadOutlined />} onClick={() => onRetry(cause)}>
                {t(count === 1 ? 'incidents.retry' : 'incidents.retryAll', { count })}
              </Button>
            )
          )}
        </div>
      </div>
      {open && <Cases cause={cause} chosen={chosen} onChoose={onRetry && setChosen} />}
    </article>
  );
}

interface CasesProps {
  cause: Cause;
  chosen: ReadonlySet<string>;
  onChoose: ((chosen: ReadonlySet<string>) => void) | undefined;
}

function Cases({ cause, chosen, onChoose }: CasesProps) {
  const t = useText();
  const shown = cause.incidents.slice(0, MOST_SHOWN);
  const businessIds = useBusinessIds(shown.map(({ processInstanceKey }) => processInstanceKey));
  const differ = shown.some(({ errorMessage }) => errorMessage !== cause.message);
  const toggle = (key: string) => {
    const changed = new Set(chosen);
    if (!changed.delete(key)) changed.add(key);
    onChoose?.(changed);
  };
  return (
    <div className={styles.cases}>
      <table className={plain.table}>
        <thead>
          <tr>
            {onChoose && (
              <th scope="col" style={{ width: 40 }}>
                <Checkbox
                  aria-label={t('incidents.chooseAll')}
                  checked={shown.length === chosen.size}
                  indeterminate={chosen.size > 0 && chosen.size < shown.length}
                  onChange={({ target }) => onChoose(new Set(target.checked ? shown.map(({ incidentKey }) => incidentKey) : []))}
                />
              </th>
            )}
            <th scope="col">{t('instances.businessId')}</th>
            <th scope="col">{t('incidents.raised')}</th>
            {differ && <th scope="col">{t('incidents.message')}</th>}
          </tr>
        </thead>
        <tbody>
          {shown.map((incident) => {
            const label = businessIds.get(incident.processInstanceKey) ?? incident.processInstanceKey;
            return (
              <tr key={incident.incidentKey}>
                {onChoose && (
                  <td>
                    <Checkbox
                      aria-label={t('incidents.choose', { name: label })}
                      checked={chosen.has(incident.incidentKey)}
                      onChange={() => toggle(incident.incidentKey)}
                    />
                  </td>
                )}
                <td>
                  <Link to={`${caseAddress(incident.processInstanceKey)}?element=${encodeURIComponent(incident.elementId)}&tab=incidents`}>
                    {label}
                  </Link>
                </td>
                <td>
                  <DateTime value={incident.creationTime} />
                </td>
                {differ && <td>{firstLine(incident.errorMessage)}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
      {cause.incidents.length > shown.length && (
        <p className="secondary small">{t('incidents.moreCases', { count: cause.incidents.length - shown.length })}</p>
      )}
    </div>
  );
}
