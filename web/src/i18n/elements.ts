/** The names of BPMN's elements. */
import en from './elements.en';
import zh from './elements.zh';
import { strings } from './strings';

export const { useText, text } = strings('elements', zh, en);
