/** The variables of an instance by scope; those who may, change them. */
import { EditOutlined, HistoryOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Input } from 'antd';
import { useState } from 'react';

import { useMay } from '../../api/me';
import type { FoundVariable } from '../../api/schema';
import { ValueView } from '../../processes/ValueView';
import plain from '../../ui/PlainTable.module.css';
import { useClearable } from '../../ui/useClearable';
import { useVariables } from './caseData';
import { EditVariable } from './EditVariable';
import { Place, Rows } from './Rows';
import { useText } from './strings';
import { VariableHistory } from './VariableHistory';
import type { CaseView } from './view';

/** The variable that is changed; without a name: a new one. */
interface Edited {
  scopeKey: string;
  name: string;
  variableKey?: string;
}

export function VariablesTab({ view }: { view: CaseView }) {
  const clearable = useClearable();
  const t = useText();
  const may = useMay();
  const { instance, element, nameOf, whole } = view;
  const key = instance.processInstanceKey;
  const found = useVariables(key);
  const [sought, setSought] = useState('');
  const [edited, setEdited] = useState<Edited | null>(null);
  const [traced, setTraced] = useState<FoundVariable | null>(null);
  const elementOf = new Map(whole.data?.elements.map(({ elementInstanceKey, elementId }) => [elementInstanceKey, elementId]) ?? []);
  const mayEdit = may('variable:update') && instance.endDate === null;
  const isShown = ({ name, scopeKey }: FoundVariable) =>
    name.toLowerCase().includes(sought.toLowerCase()) && (element === null || elementOf.get(scopeKey) === element);
  return (
    <>
      <div style={{ display: 'flex', gap: 8, marginBottom: 8 }}>
        <Input.Search
          allowClear={clearable}
          aria-label={t('variables.find')}
          placeholder={t('variables.find')}
          style={{ maxWidth: 280 }}
          value={sought}
          onChange={({ target }) => setSought(target.value)}
        />
        {mayEdit && (
          <Button icon={<PlusOutlined />} onClick={() => setEdited({ scopeKey: key, name: '' })}>
            {t('variables.add')}
          </Button>
        )}
      </div>
      <Rows found={found} only={isShown} empty={t('variables.none')} hint={t('variables.noneWhy')}>
        {(rows) => (
          <div className={plain.scroller} tabIndex={0} role="region" aria-label={t('tab.variables')}>
            <table className={plain.table}>
              <thead>
                <tr>
                  <th scope="col" style={{ width: '22%' }}>
                    {t('variables.name')}
                  </th>
                  <th scope="col">{t('variables.value')}</th>
                  <th scope="col" style={{ width: '18%' }}>
                    {t('variables.scope')}
                  </th>
                  <th scope="col" style={{ width: 110 }}>
                    {t('variables.acts')}
                  </th>
                </tr>
              </thead>
              <tbody>
                {byScope(rows, key).map((variable) => {
                  const at = elementOf.get(variable.scopeKey);
                  return (
                    <tr key={variable.variableKey}>
                      <th scope="row" translate="no">
                        {variable.name}
                      </th>
                      <td>
                        <ValueView json={variable.value} isTruncated={variable.isTruncated} />
                      </td>
                      <td>{at === undefined ? t('variables.process') : <Place view={view} id={at} />}</td>
                      <td>
                        <Button
                          size="small"
                          icon={<HistoryOutlined />}
                          title={t('variables.history')}
                          aria-label={t('variables.historyOf', { name: variable.name })}
                          onClick={() => setTraced(variable)}
                        />{' '}
                        {mayEdit && (
                          <Button
                            size="small"
                            icon={<EditOutlined />}
                            title={t('variables.change')}
                            aria-label={t('variables.changeOne', { name: variable.name })}
                            onClick={() => setEdited({ scopeKey: variable.scopeKey, name: variable.name, variableKey: variable.variableKey })}
                          />
                        )}
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        )}
      </Rows>
      {traced && <VariableHistory instanceKey={key} scopeKey={traced.scopeKey} name={traced.name} nameOf={nameOf} onClose={() => setTraced(null)} />}
      {edited && <EditVariable {...edited} onClose={() => setEdited(null)} />}
    </>
  );
}

/** The process's own variables first, then those of its elements. */
function byScope(rows: readonly FoundVariable[], process: string): FoundVariable[] {
  const rank = ({ scopeKey }: FoundVariable) => (scopeKey === process ? 0 : 1);
  return [...rows].sort((one, other) => rank(one) - rank(other) || one.scopeKey.localeCompare(other.scopeKey) || one.name.localeCompare(other.name));
}
