/** All that has a business key: one case is shown at once, of several one is chosen. */
import { Skeleton } from 'antd';
import { Link, Navigate, useParams } from 'react-router';

import { InstanceState } from '../../processes/States';
import { caseAddress } from '../../shell/addresses';
import { DateTime } from '../../ui/DateTime';
import { EmptyState } from '../../ui/EmptyState';
import { PageFrame } from '../../ui/PageFrame';
import plain from '../../ui/PlainTable.module.css';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { useCasesOf } from './businessKey';
import { useText } from './strings';
import { treeOf } from './tree';

export function BusinessPage() {
  const t = useText();
  const { businessId = '' } = useParams();
  const found = useCasesOf(businessId);
  const branches = treeOf(found.data ?? []);
  const roots = branches.filter(({ depth }) => depth === 0);
  if (roots.length === 1) return <Navigate to={caseAddress(roots[0]!.instance.processInstanceKey)} replace />;
  return (
    <PageFrame title={t('case.title', { name: businessId })}>
      {found.isError && <ProblemNotice error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <Skeleton active />}
      {found.data && branches.length === 0 && (
        <EmptyState title={t('business.none', { name: businessId })} hint={t('business.noneWhy')} action={<Link to="/cases">{t('business.all')}</Link>} />
      )}
      {branches.length > 0 && (
        <div className={plain.scroller} tabIndex={0} role="region" aria-label={t('tree.title')}>
          <table className={plain.table}>
            <thead>
              <tr>
                <th scope="col">{t('case.process')}</th>
                <th scope="col">{t('state')}</th>
                <th scope="col">{t('case.start')}</th>
                <th scope="col">{t('case.end')}</th>
              </tr>
            </thead>
            <tbody>
              {branches.map(({ instance, depth }) => (
                <tr key={instance.processInstanceKey}>
                  <th scope="row" style={{ paddingInlineStart: 12 + depth * 20 }}>
                    <Link to={caseAddress(instance.processInstanceKey)}>
                      {instance.processDefinitionName || instance.processDefinitionId} v{instance.processDefinitionVersion}
                    </Link>
                  </th>
                  <td>
                    <InstanceState instance={instance} />
                  </td>
                  <td>
                    <DateTime value={instance.startDate} />
                  </td>
                  <td>
                    <DateTime value={instance.endDate} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </PageFrame>
  );
}
