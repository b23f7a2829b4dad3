/** How a variable came to its value: old and new, when, by whom, why. */
import { Modal } from 'antd';

import { ValueView } from '../../processes/ValueView';
import { DateTime } from '../../ui/DateTime';
import { Person } from '../../ui/Person';
import plain from '../../ui/PlainTable.module.css';
import { useVariableHistory } from './caseData';
import { Rows } from './Rows';
import { useText } from './strings';

interface Props {
  instanceKey: string;
  scopeKey: string;
  name: string;
  nameOf: (elementId: string) => string;
  onClose: () => void;
}

export function VariableHistory({ instanceKey, scopeKey, name, nameOf, onClose }: Props) {
  const t = useText();
  const found = useVariableHistory(instanceKey);
  return (
    <Modal open title={t('variables.historyOf', { name })} width={860} footer={null} onCancel={onClose}>
      <Rows found={found} only={(change) => change.name === name && change.scopeKey === scopeKey} empty={t('variables.noHistory')}>
        {(rows) => (
          <div className={plain.scroller} tabIndex={0} role="region" aria-label={t('variables.historyOf', { name })}>
            <table className={plain.table}>
              <thead>
                <tr>
                  <th scope="col">{t('variables.when')}</th>
                  <th scope="col">{t('variables.old')}</th>
                  <th scope="col">{t('variables.new')}</th>
                  <th scope="col">{t('variables.by')}</th>
                </tr>
              </thead>
              <tbody>
                {[...rows].reverse().map((change, index) => (
                  <tr key={index}>
                    <th scope="row">
                      <DateTime value={change.date} />
                    </th>
                    <td>{change.oldValue == null ? <span className="secondary">{t('variables.none')}</span> : <ValueView json={change.oldValue} />}</td>
                    <td>
                      <ValueView json={change.newValue} />
                    </td>
                    <td>
                      <Person username={change.actor} exact />
                      {change.elementId && <div className="secondary small">{nameOf(change.elementId)}</div>}
                      {change.reason && <div>{t('told.reason', { reason: change.reason })}</div>}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Rows>
    </Modal>
  );
}
