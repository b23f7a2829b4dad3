/** The languages, each by its own name. */
import { Segmented } from 'antd';

import { useText } from '../i18n/shell';
import { LANGUAGES } from '../i18n/strings';
import { useLanguage } from './language';

export function LanguageSwitch({ block = false }: { block?: boolean }) {
  const t = useText();
  const [language, choose] = useLanguage();
  return (
    <Segmented
      block={block}
      aria-label={t('language.label')}
      value={language}
      onChange={choose}
      options={LANGUAGES.map(({ id, name, tag }) => ({ value: id, label: <span lang={tag}>{name}</span> }))}
    />
  );
}
