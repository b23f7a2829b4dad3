/** What icons are called that Ant Design puts into buttons of its own, with nothing else to name them. */
import { currentLanguage } from './strings';

const NAMES: Readonly<Record<string, { zh: string; en: string }>> = {
  'close': { zh: '关闭', en: 'Close' },
  'close-circle': { zh: '叉号', en: 'Cross' },
  'search': { zh: '搜索', en: 'Search' },
};

export const iconName = (icon: string): string | undefined => NAMES[icon]?.[currentLanguage()];
