import { strings } from '../../i18n/strings';
import en from './strings.en';
import zh from './strings.zh';

export const { useText, text } = strings('design', zh, en);
