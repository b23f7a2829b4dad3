import type { English } from '../../i18n/strings';
import type zh from './strings.zh';

const en: English<typeof zh> = {
  'title': 'Operate',
};
export default en;
