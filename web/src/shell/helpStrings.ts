import { strings } from '../i18n/strings';
import en from './help.en';
import zh from './help.zh';

export const { useText } = strings('help', zh, en);
