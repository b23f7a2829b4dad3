/** Jobs by their type: what waits, what a worker has, what was given up, since when the oldest waits; and the workers of a type. */
import { useQuery } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { useState } from 'react';

import { api, dataOf } from '../../api/client';
import { DateTime } from '../../ui/DateTime';
import plain from '../../ui/PlainTable.module.css';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { useText } from './strings';

const page = { limit: 200 };

export function JobTypes({ onChoose }: { onChoose: (question: { type?: string; worker?: string }) => void }) {
  const t = useText();
  const [of, setOf] = useState<'types' | 'workers'>('types');
  const types = useQuery({
    queryKey: ['post', '/v2/jobs/statistics/by-types'],
    queryFn: () => dataOf(api.POST('/v2/jobs/statistics/by-types', { body: { page } })),
  });
  const workers = useQuery({
    queryKey: ['post', '/v2/jobs/statistics/by-workers'],
    queryFn: () => dataOf(api.POST('/v2/jobs/statistics/by-workers', { body: { page } })),
    enabled: of === 'workers',
  });
  const found = of === 'types' ? types : workers;
  const rows =
    of === 'types'
      ? (types.data?.items ?? []).map((row) => ({ ...row, name: row.jobType }))
      : (workers.data?.items ?? []).map((row) => ({ ...row, name: row.worker }));
  if (found.isError) return <ProblemNotice error={found.error} retry={() => void found.refetch()} />;
  return (
    <section aria-label={t('jobs.summary')}>
      <Segmented
        aria-label={t('jobs.summary')}
        size="small"
        value={of}
        onChange={setOf}
        options={[
          { value: 'types', label: t('jobs.byType') },
          { value: 'workers', label: t('jobs.byWorker') },
        ]}
      />
      <div className={plain.scroller} tabIndex={0} role="region" aria-label={t('jobs.summary')} style={{ maxHeight: 260, marginTop: 4 }}>
        <table className={plain.table}>
          <thead>
            <tr>
              <th scope="col">{t(of === 'types' ? 'jobs.type' : 'jobs.worker')}</th>
              <th scope="col">{t('jobs.open')}</th>
              <th scope="col">{t('jobs.activated')}</th>
              <th scope="col">{t('jobs.withoutRetries')}</th>
              <th scope="col">{t('jobs.completed')}</th>
              <th scope="col">{t('jobs.oldest')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name}>
                <th scope="row">
                  <button type="button" className={plain.link} onClick={() => onChoose(of === 'types' ? { type: row.name } : { worker: row.name })}>
                    {row.name || '—'}
                  </button>
                </th>
                <td className="tabular">{row.open}</td>
                <td className="tabular">{row.activated}</td>
                <td className="tabular" style={row.withoutRetries > 0 ? { color: 'var(--ll-error)', fontWeight: 600 } : undefined}>
                  {row.withoutRetries}
                </td>
                <td className="tabular">{row.completed.count}</td>
                <td>
                  <DateTime value={row.oldestOpen} show="both" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
