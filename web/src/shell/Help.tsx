/** The help drawer: the keyboard's shortcuts here, and where more is written. */
import { Drawer } from 'antd';

import { useMe } from '../api/me';
import { useText as useShellText } from '../i18n/shell';
import { desksOf } from './desks';
import styles from './Help.module.css';
import { useText } from './helpStrings';
import { useShortcutGroups, type ShortcutGroup } from './shortcutHelp';

export default function Help({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText();
  const shell = useShellText();
  const me = useMe();
  const ofPages = useShortcutGroups();
  const known: ShortcutGroup[] = [
    {
      title: t('keys.general'),
      keys: [
        ['/', t('keys.search')],
        ['?', t('keys.help')],
      ],
    },
    {
      title: t('keys.table'),
      keys: [
        ['j ↓', t('keys.next')],
        ['k ↑', t('keys.previous')],
        ['Enter', t('keys.open')],
        ['x', shell('table.select')],
      ],
    },
    ...ofPages,
  ];
  const groups = known.filter(({ keys }) => keys.length > 0);
  return (
    <Drawer open={open} onClose={onClose} title={shell('help.label')} size={360}>
      <h2 className={styles.heading}>{t('help.desks')}</h2>
      <dl className={styles.desks}>
        {desksOf(me).map(({ id, label }) => (
          <div key={id}>
            <dt>{shell(label)}</dt>
            <dd>{t(`help.desk.${id}`)}</dd>
          </div>
        ))}
      </dl>
      <h2 className={styles.heading}>{t('help.keyboard')}</h2>
      {groups.map(({ title, keys }) => (
        <table key={title} className={styles.keys}>
          <caption>{title}</caption>
          <tbody>
            {keys.map(([pressed, what]) => (
              <tr key={pressed}>
                <th scope="row">
                  {pressed.split(' ').map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </th>
                <td>{what}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
      <p className="secondary">{t('keys.note')}</p>
      <h2 className={styles.heading}>{t('help.more')}</h2>
      <p>
        <a href="/docs" target="_blank" rel="noreferrer">
          {t('help.api')}
        </a>
      </p>
      <p>
        <a href="/licences.txt" target="_blank" rel="noreferrer">
          {t('help.licences')}
        </a>
      </p>
    </Drawer>
  );
}
