/** The strings of the shell and of the shared building blocks. */
import en from './shell.en';
import zh from './shell.zh';
import { strings } from './strings';

export const { useText, text } = strings('shell', zh, en);
