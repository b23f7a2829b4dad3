/** The jobs of an instance: what workers were to do outside. */
import { Button } from 'antd';
import { useState } from 'react';

import { useMay } from '../../api/me';
import type { Job } from '../../api/schema';
import { StateTag } from '../../processes/States';
import { DateTime } from '../../ui/DateTime';
import plain from '../../ui/PlainTable.module.css';
import { GiveRetries } from '../operate/JobsPage';
import { Message } from './IncidentsTab';
import { CaseRows, Place } from './Rows';
import { useText } from './strings';
import type { CaseView } from './view';

const OPEN = new Set(['CREATED', 'FAILED', 'TIMED_OUT']);

export function JobsTab({ view }: { view: CaseView }) {
  const t = useText();
  const may = useMay();
  const [given, setGiven] = useState<Job | null>(null);
  const mayGive = may('job:update');
  return (
    <CaseRows view={view} pick={({ jobs }) => jobs} empty={t('jobs.none')} hint={t('jobs.noneWhy')}>
      {(rows) => (
        <div className={plain.scroller} tabIndex={0} role="region" aria-label={t('tab.jobs')}>
          <table className={plain.table}>
            <thead>
              <tr>
                <th scope="col">{t('element')}</th>
                <th scope="col">{t('jobs.type')}</th>
                <th scope="col">{t('state')}</th>
                <th scope="col">{t('jobs.retries')}</th>
                <th scope="col">{t('jobs.worker')}</th>
                <th scope="col">{t('jobs.created')}</th>
                <th scope="col">{t('jobs.ended')}</th>
                <th scope="col">{t('jobs.error')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((job) => (
                <tr key={job.jobKey}>
                  <th scope="row">
                    <Place view={view} id={job.elementId} instanceKey={job.processInstanceKey} />
                  </th>
                  <td>{job.type}</td>
                  <td>
                    <StateTag state={job.state} />
                  </td>
                  <td className="tabular">
                    {job.retries}{' '}
                    {mayGive && OPEN.has(job.state) && (
                      <Button size="small" onClick={() => setGiven(job)}>
                        {t('jobs.change')}
                      </Button>
                    )}
                  </td>
                  <td>{job.worker || '—'}</td>
                  <td>
                    <DateTime value={job.creationTime} />
                  </td>
                  <td>
                    <DateTime value={job.endTime} />
                  </td>
                  <td>{job.errorMessage ? <Message text={job.errorMessage} /> : '—'}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {given && <GiveRetries jobs={[given]} onClose={() => setGiven(null)} />}
        </div>
      )}
    </CaseRows>
  );
}
