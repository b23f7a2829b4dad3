/** Who is signed in; their language and theme; the way out. */
import { LogoutOutlined, UserOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Button, Divider, Popover, Segmented } from 'antd';

import { api } from '../api/client';
import { useMe } from '../api/me';
import { useText } from '../i18n/shell';
import { useNarrow } from '../ui/media';
import { Groups } from '../ui/Person';
import { LanguageSwitch } from './LanguageSwitch';
import styles from './PersonMenu.module.css';
import { usePreference } from './preferences';
import type { Scheme } from './theme';

export function PersonMenu() {
  const t = useText();
  const me = useMe();
  const narrow = useNarrow();
  const name = me.displayName ?? me.username;
  return (
    <Popover trigger="click" placement="bottomRight" content={<Menu />}>
      <Button type="text" icon={<UserOutlined />} aria-label={t('person.menu', { name })}>
        {!narrow && name}
      </Button>
    </Popover>
  );
}

function Menu() {
  const t = useText();
  const me = useMe();
  const [theme, setTheme] = usePreference<Scheme | 'system'>('theme', 'system');
  const signOut = useMutation({
    mutationFn: () => api.DELETE('/v2/session'),
    // Loading anew forgets everything that was fetched for the one who leaves.
    onSettled: () => window.location.assign('/'),
  });
  return (
    <div className={styles.menu}>
      <div>
        <strong>{me.displayName ?? me.username}</strong>
        <div className="secondary" data-own-username>
          {me.username}
        </div>
        {me.groups.length > 0 && (
          <div className="secondary">
            {t('person.groups')} <Groups ids={me.groups} />
          </div>
        )}
      </div>
      <Divider style={{ margin: '4px 0' }} />
      <div className={styles.choice}>
        <span>{t('language.label')}</span>
        <LanguageSwitch block />
      </div>
      <div className={styles.choice}>
        <span>{t('theme.label')}</span>
        <Segmented
          block
          aria-label={t('theme.label')}
          value={theme}
          onChange={setTheme}
          options={(['light', 'dark', 'system'] as const).map((value) => ({ value, label: t(`theme.${value}`) }))}
        />
      </div>
      <Divider style={{ margin: '4px 0' }} />
      <Button icon={<LogoutOutlined />} loading={signOut.isPending} onClick={() => signOut.mutate()} block>
        {t('signOut')}
      </Button>
    </div>
  );
}
