/** What a case waits for besides people and workers: timers, messages; and messages that are kept for it. */
import { StateTag } from '../../processes/States';
import { useSpoken } from '../../processes/spoken';
import { shownValue } from '../../processes/values';
import { DateTime } from '../../ui/DateTime';
import plain from '../../ui/PlainTable.module.css';
import { CaseRows, Place } from './Rows';
import { useText } from './strings';
import type { CaseView } from './view';

export function WaitsTab({ view }: { view: CaseView }) {
  const t = useText();
  const say = useSpoken();
  const messages = view.whole.data?.messages ?? [];
  return (
    <>
      <h3 style={{ margin: '0 0 8px', fontSize: 15 }}>{t('waits.timers')}</h3>
      <CaseRows view={view} pick={({ timers }) => timers} empty={t('waits.noTimers')}>
        {(rows) => (
          <div className={plain.scroller} tabIndex={0} role="region" aria-label={t('waits.timers')}>
            <table className={plain.table}>
              <thead>
                <tr>
                  <th scope="col">{t('element')}</th>
                  <th scope="col">{t('waits.due')}</th>
                  <th scope="col">{t('waits.cycle')}</th>
                  <th scope="col">{t('state')}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((timer) => (
                  <tr key={timer.elementInstanceKey}>
                    <th scope="row">
                      <Place view={view} id={timer.elementId} instanceKey={timer.processInstanceKey} />
                    </th>
                    <td>
                      <DateTime value={timer.dueDate} show="both" limit />
                    </td>
                    <td>{timer.cycle ? say.cycle(timer.cycle) : '—'}</td>
                    <td>
                      <StateTag state={timer.suspended ? 'SUSPENDED' : 'CREATED'} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </CaseRows>
      <h3 style={{ margin: '20px 0 8px', fontSize: 15 }}>{t('waits.subscriptions')}</h3>
      <CaseRows view={view} pick={({ messageSubscriptions }) => messageSubscriptions} empty={t('waits.noSubscriptions')}>
        {(rows) => (
          <div className={plain.scroller} tabIndex={0} role="region" aria-label={t('waits.subscriptions')}>
            <table className={plain.table}>
              <thead>
                <tr>
                  <th scope="col">{t('element')}</th>
                  <th scope="col">{t('waits.message')}</th>
                  <th scope="col">{t('waits.correlationKey')}</th>
                  <th scope="col">{t('waits.since')}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((subscription) => (
                  <tr key={subscription.messageSubscriptionKey}>
                    <th scope="row">
                      <Place view={view} id={subscription.elementId} instanceKey={subscription.processInstanceKey} />
                    </th>
                    <td>{subscription.messageName}</td>
                    <td>{subscription.correlationKey ?? '—'}</td>
                    <td>
                      <DateTime value={subscription.lastUpdatedDate} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </CaseRows>
      {messages.length > 0 && (
        <>
          <h3 style={{ margin: '20px 0 8px', fontSize: 15 }}>{t('waits.buffered')}</h3>
          <div className={plain.scroller} tabIndex={0} role="region" aria-label={t('waits.buffered')}>
            <table className={plain.table}>
              <thead>
                <tr>
                  <th scope="col">{t('waits.message')}</th>
                  <th scope="col">{t('waits.correlationKey')}</th>
                  <th scope="col">{t('waits.published')}</th>
                  <th scope="col">{t('waits.expires')}</th>
                  <th scope="col">{t('tab.variables')}</th>
                </tr>
              </thead>
              <tbody>
                {messages.map((message) => (
                  <tr key={message.messageKey}>
                    <th scope="row">{message.name}</th>
                    <td>{message.correlationKey}</td>
                    <td>
                      <DateTime value={message.publicationDate} />
                    </td>
                    <td>
                      <DateTime value={message.expirationDate} />
                    </td>
                    <td>{shownValue(JSON.stringify(message.variables)).brief}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </>
  );
}
