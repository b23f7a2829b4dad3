/** The incidents of an instance, open and resolved. */
import { ReloadOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';

import { useMay } from '../../api/me';
import type { Incident } from '../../api/schema';
import { StateTag, useErrorWord } from '../../processes/States';
import { DateTime } from '../../ui/DateTime';
import plain from '../../ui/PlainTable.module.css';
import { RetryIncidents } from '../operate/RetryIncidents';
import { firstLine } from '../operate/causes';
import { CaseRows, Place } from './Rows';
import { useText } from './strings';
import type { CaseView } from './view';

export function IncidentsTab({ view }: { view: CaseView }) {
  const t = useText();
  const may = useMay();
  const errorWord = useErrorWord();
  const [retried, setRetried] = useState<Incident | null>(null);
  const mayRetry = may('incident:resolve');
  return (
    <CaseRows view={view} pick={({ incidents }) => incidents} empty={t('incidents.none')} hint={t('incidents.noneWhy')}>
      {(rows) => (
        <div className={plain.scroller} tabIndex={0} role="region" aria-label={t('tab.incidents')}>
          <table className={plain.table}>
            <thead>
              <tr>
                <th scope="col">{t('element')}</th>
                <th scope="col">{t('state')}</th>
                <th scope="col">{t('incidents.what')}</th>
                <th scope="col">{t('incidents.raised')}</th>
                {mayRetry && <th scope="col">{t('incidents.repair')}</th>}
              </tr>
            </thead>
            <tbody>
              {rows.map((incident) => (
                <tr key={incident.incidentKey}>
                  <th scope="row">
                    <Place view={view} id={incident.elementId} instanceKey={incident.processInstanceKey} />
                  </th>
                  <td>
                    <StateTag state={incident.state === 'ACTIVE' ? 'INCIDENT' : incident.state} />
                  </td>
                  <td>
                    <strong>{errorWord(incident.errorType)}</strong>
                    <Message text={incident.errorMessage} />
                  </td>
                  <td>
                    <DateTime value={incident.creationTime} />
                  </td>
                  {mayRetry && (
                    <td>
                      {incident.state === 'ACTIVE' && (
                        <Button size="small" type="primary" icon={<ReloadOutlined />} onClick={() => setRetried(incident)}>
                          {t('incidents.retry')}
                        </Button>
                      )}
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
          {retried && <RetryIncidents incidents={[retried]} onClose={() => setRetried(null)} />}
        </div>
      )}
    </CaseRows>
  );
}

/** A message: its first line, and what is behind it on request. */
export function Message({ text }: { text: string }) {
  const t = useText();
  const line = firstLine(text);
  if (line === text.trim()) return <div>{line}</div>;
  return (
    <>
      <div>{line}</div>
      <details>
        <summary>{t('incidents.details')}</summary>
        <pre style={{ margin: '4px 0', maxHeight: 220, overflow: 'auto', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', fontSize: 12 }}>{text}</pre>
      </details>
    </>
  );
}
