/** The help drawer: the keyboard's shortcuts here, and where more is written. */
import { Drawer } from 'antd';

import { useText } from '../i18n/shell';
import styles from './Help.module.css';
import { useShortcutGroups, type ShortcutGroup } from './shortcutHelp';

export default function Help({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText();
  const ofPages = useShortcutGroups();
  const groups: ShortcutGroup[] = [
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
        ['x', t('table.select')],
      ],
    },
    ...ofPages,
  ];
  return (
    <Drawer open={open} onClose={onClose} title={t('help.label')} size={360}>
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
      <p>
        <a href="/docs" target="_blank" rel="noreferrer">
          {t('help.api')}
        </a>
      </p>
    </Drawer>
  );
}
