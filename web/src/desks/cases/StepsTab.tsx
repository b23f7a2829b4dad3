/** Every step of an instance: which element, when, how long, who ended it. */
import { StateTag } from '../../processes/States';
import { DateTime } from '../../ui/DateTime';
import { Duration } from '../../ui/Duration';
import { useElementKind } from '../../ui/elementKinds';
import { Person } from '../../ui/Person';
import plain from '../../ui/PlainTable.module.css';
import { CaseRows, Place } from './Rows';
import { useText } from './strings';
import type { CaseView } from './view';

export function StepsTab({ view }: { view: CaseView }) {
  const t = useText();
  const kind = useElementKind();
  return (
    <CaseRows view={view} pick={({ elements }) => elements.filter(({ type }) => type !== 'PROCESS').reverse()} empty={t('steps.none')}>
      {(rows) => (
        <div className={plain.scroller} tabIndex={0} role="region" aria-label={t('tab.steps')}>
          <table className={plain.table}>
            <thead>
              <tr>
                <th scope="col">{t('element')}</th>
                <th scope="col">{t('steps.kind')}</th>
                <th scope="col">{t('state')}</th>
                <th scope="col">{t('steps.begun')}</th>
                <th scope="col">{t('case.duration')}</th>
                <th scope="col">{t('steps.actor')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.elementInstanceKey}>
                  <th scope="row">
                    <Place view={view} id={row.elementId} instanceKey={row.processInstanceKey} name={row.elementName} />
                  </th>
                  <td>{kind(row.type)}</td>
                  <td>
                    <StateTag state={row.state} />
                  </td>
                  <td>
                    <DateTime value={row.startDate} />
                  </td>
                  <td>
                    <Duration from={row.startDate} to={row.endDate} />
                  </td>
                  <td>
                    <Person username={row.actor} exact />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </CaseRows>
  );
}
