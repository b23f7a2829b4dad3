/** What several desks say of processes and their instances. */
import { strings } from '../i18n/strings';
import en from './strings.en';
import zh from './strings.zh';

export const { useText, text } = strings('processes', zh, en);
export type Key = keyof typeof zh;
