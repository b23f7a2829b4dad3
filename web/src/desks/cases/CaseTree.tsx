/** The instances of a case: what was started, and what it called. */
import { Link, useLocation } from 'react-router';

import type { ProcessInstance } from '../../api/schema';
import { InstanceState } from '../../processes/States';
import { caseAddress } from '../../shell/addresses';
import styles from './CasePage.module.css';
import { useText } from './strings';
import { treeOf } from './tree';

export function CaseTree({ instances, current }: { instances: readonly ProcessInstance[]; current: string }) {
  const t = useText();
  const { search } = useLocation();
  const tab = new URLSearchParams(search).get('tab');
  const branches = treeOf(instances);
  if (branches.length < 2) return <nav data-single hidden />;
  return (
    <nav className={styles.tree} aria-label={t('tree.title')}>
      <h2>{t('tree.title')}</h2>
      <ul>
        {branches.map(({ instance, depth }) => (
          <li key={instance.processInstanceKey} style={{ paddingInlineStart: depth * 14 }}>
            <Link
              to={`${caseAddress(instance.processInstanceKey)}${tab ? `?tab=${tab}` : ''}`}
              aria-current={instance.processInstanceKey === current ? 'page' : undefined}
            >
              <div>
                {instance.processDefinitionName || instance.processDefinitionId}{' '}
                <span className="secondary small">v{instance.processDefinitionVersion}</span>
              </div>
              <InstanceState instance={instance} />
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
